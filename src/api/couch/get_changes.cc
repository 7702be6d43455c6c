#include <algorithm>
#include <deque>
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
    QUIRE_TRY(position_, first_position(call_, request_));
    // The first page is read before the head is sent, so that a database that is not there is an error.
    QUIRE_TRY(auto page, read_page(call_, request_, position_, request_.limit));
    StreamedAnswer answer(call_.call, {});
    const Out out{.text = answer.text(), .step = [&] { return answer.step(); }};
    return answer.finish(request_.descending ? print_falling(std::move(page), out)
                                             : print_rising(std::move(page), out));
  }

 private:
  Status print_rising(engine::FeedPage page, const Out& out) {
    out.text += "{\"results\":[\n";
    std::uint64_t left = request_.limit;
    bool at_end = false;
    while (left != 0) {
      QUIRE_TRY_STATUS(print_page(page, out, left));
      at_end = left != 0 && page.at_end;
      if (left == 0 || page.at_end) break;
      QUIRE_TRY(page, read_page(call_, request_, position_, left));
    }
    return print_end(out, at_end);
  }

  Status print_page(const engine::FeedPage& page, const Out& out, std::uint64_t& left) {
    document::Arena scratch;
    for (const auto& row : page.rows) {
      QUIRE_TRY(const bool wanted, is_wanted(call_, request_, row, scratch));
      if (!wanted) continue;
      separate(out);
      QUIRE_TRY_STATUS(print_change(call_, request_, row, page.next.incarnation, out));
      QUIRE_TRY_STATUS(out.go_on());
      if (--left == 0) {
        position_ = {.incarnation = page.next.incarnation, .sequence = row.sequence};
        return ok();
      }
    }
    position_ = page.next;
    return ok();
  }

  // The history is read forwards, and its last rows are kept.
  Status print_falling(engine::FeedPage page, const Out& out) {
    std::deque<std::string> rows;
    document::Arena scratch;
    while (request_.limit != 0) {
      for (const auto& row : page.rows) {
        QUIRE_TRY(const bool wanted, is_wanted(call_, request_, row, scratch));
        if (!wanted) continue;
        rows.emplace_back();
        QUIRE_TRY_STATUS(print_change(call_, request_, row, page.next.incarnation, {.text = rows.back()}));
        if (rows.size() > request_.limit) rows.pop_front();
      }
      position_ = page.next;
      if (page.at_end) break;
      QUIRE_TRY(page, read_page(call_, request_, position_, ~std::uint64_t{0}));
    }
    out.text += "{\"results\":[\n";
    for (auto row = rows.rbegin(); row != rows.rend(); ++row) {
      separate(out);
      out.text += *row;
      QUIRE_TRY_STATUS(out.go_on());
    }
    return print_end(out, false);
  }

  void separate(const Out& out) {
    if (!std::exchange(first_, false)) out.text += ",\n";
  }

  // Of what is left nothing is said where it would have to be counted.
  Status print_end(const Out& out, bool at_end) const {
    out.text += "\n],\"last_seq\":" + sequence_json(position_);
    out.text += at_end ? ",\"pending\":0}\n" : "}\n";
    return ok();
  }

  CouchCall& call_;
  const ChangesRequest& request_;
  engine::Position position_;
  bool first_ = true;
};

// On a thread that may wait for the client.
Status answer_changes(CouchCall& call, std::string_view body) {
  QUIRE_TRY(ChangesRequest request, ChangesRequest::parse(call, body));
  if (request.feed == ChangesRequest::Feed::normal) return Listing(call, request).run();
  Call waiting = call.call;
  waiting.stream = nullptr;
  follow_changes(waiting, std::move(request));
  return ok();
}

Status get(CouchCall& call) { return answer_changes(call, {}); }

Status post(CouchCall& call) {
  QUIRE_TRY(const std::string body, whole_body(call));
  return answer_changes(call, body);
}

}  // namespace

void get_changes(const Call& call) { stream<get>(call); }
void post_changes(const Call& call) { stream<post>(call); }

}  // namespace quire::api::couch
