#include <optional>
#include <utility>

#include "api/couch/changes_request.h"
#include "api/couch/handlers.h"
#include "api/couch/sequence.h"
#include "api/json_out.h"
#include "api/streamed_answer.h"

// The changes once, streamed; what waits for more is a feed of its own.

namespace quire::api::couch {

namespace {

class Listing {
 public:
  Listing(CouchCall& call, const ChangesRequest& request) : call_(call), request_(request) {}

  Status run() {
    if (!request_.descending) {
      QUIRE_TRY(position_, first_position(call_, request_));
    }
    // The first page is read before the head is sent, so that a database that is not there is an error.
    QUIRE_TRY(auto page, read_page(call_, request_, position_, request_.limit));
    StreamedAnswer answer(call_.call, {});
    const Out out{.text = answer.text(), .step = [&] { return answer.step(); }};
    return answer.finish(print(std::move(page), out));
  }

 private:
  Status print(engine::FeedPage page, const Out& out) {
    out.text += "{\"results\":[\n";
    std::uint64_t left = request_.limit;
    std::optional<std::uint64_t> pending;
    while (left != 0) {
      QUIRE_TRY_STATUS(print_page(page, out, left));
      // What this side left out is not known to the engine.
      const bool counts = request_.choice != ChangesRequest::Choice::design;
      if (page.at_end && left != 0) pending = 0;
      if (left == 0 && counts && position_ == page.next) pending = page.pending;
      if (left == 0 || page.at_end) break;
      QUIRE_TRY(page, read_page(call_, request_, position_, left));
    }
    out.text += "\n],\"last_seq\":" + sequence_json(request_.descending ? last_ : position_);
    if (pending) out.text += ",\"pending\":" + std::to_string(*pending);
    out.text += "}\n";
    return ok();
  }

  Status print_page(const engine::FeedPage& page, const Out& out, std::uint64_t& left) {
    for (const auto& row : page.rows) {
      if (!is_wanted(request_, row)) continue;
      separate(out);
      QUIRE_TRY_STATUS(print_change(call_, request_, row, page.next.incarnation, out));
      QUIRE_TRY_STATUS(out.go_on());
      last_ = {.incarnation = page.next.incarnation, .sequence = row.sequence};
      if (--left != 0) continue;
      // Rows that were not printed are for the next request.
      position_ = &row == &page.rows.back() ? page.next : last_;
      return ok();
    }
    position_ = page.next;
    return ok();
  }

  void separate(const Out& out) {
    if (!std::exchange(first_, false)) out.text += ",\n";
  }

  CouchCall& call_;
  const ChangesRequest& request_;
  engine::Position position_;
  engine::Position last_;  // of the row that was printed last
  bool first_ = true;
};

using Of = ChangesRequest::Of;

// On a thread that may wait for the client.
Status answer_changes(CouchCall& call, Of of, std::string_view body) {
  QUIRE_TRY(ChangesRequest request, ChangesRequest::parse(call, of, body));
  if (request.feed == ChangesRequest::Feed::normal) return Listing(call, request).run();
  Call waiting = call.call;
  waiting.stream = nullptr;
  follow_changes(waiting, std::move(request));
  return ok();
}

template <Of kOf>
Status get(CouchCall& call) {
  return answer_changes(call, kOf, {});
}

template <Of kOf>
Status post(CouchCall& call) {
  QUIRE_TRY(const std::string body, whole_body(call));
  return answer_changes(call, kOf, body);
}

}  // namespace

void get_changes(const Call& call) { stream<get<Of::database>>(call); }
void post_changes(const Call& call) { stream<post<Of::database>>(call); }
void get_replicator_changes(const Call& call) { stream<get<Of::replicator>>(call); }
void post_replicator_changes(const Call& call) { stream<post<Of::replicator>>(call); }

}  // namespace quire::api::couch
