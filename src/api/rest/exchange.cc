#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "api/admission.h"
#include "api/rest/handlers.h"
#include "api/tuning.h"
#include "engine/local_replica.h"
#include "replication/exchange_server.h"
#include "replication/tuning.h"

// A question comes whole before it is asked; what stands behind a write is read when an attachment is opened.
// The stream's fiber alone reads from the client: whoever wants bytes leaves a note, and so does the answer.

namespace quire::api::rest {

namespace {

using replication::TravellingRevision;

// What the fiber is to do next.
class Notes {
 public:
  struct Piece {
    std::uint64_t offset;  // of the attachments' bytes
    std::size_t most;
    std::function<void(Result<std::string>)> done;
  };
  struct Note {
    std::optional<Piece> piece;
    std::optional<Result<std::string>> answer;
  };

  void want(Piece piece) {
    put([&] { note_.piece.emplace(std::move(piece)); });
  }
  void answer(Result<std::string> answer) {
    put([&] { note_.answer.emplace(std::move(answer)); });
  }

  Note take(Stream& stream) {
    for (;;) {
      {
        const std::lock_guard lock(mutex_);
        if (note_.piece || note_.answer) return std::exchange(note_, {});
      }
      stream.wait([this](Fiber::GoOn go_on) {
        {
          const std::lock_guard lock(mutex_);
          if (!note_.piece && !note_.answer) {
            go_on_ = std::move(go_on);
            return;
          }
        }
        go_on();
      });
    }
  }

 private:
  void put(const std::function<void()>& note) {
    Fiber::GoOn go_on;
    {
      const std::lock_guard lock(mutex_);
      note();
      go_on = std::exchange(go_on_, nullptr);
    }
    if (go_on) go_on();
  }

  std::mutex mutex_;
  Note note_;          // guarded by mutex_
  Fiber::GoOn go_on_;  // guarded by mutex_
};

// An attachment among the bytes behind a question.
class BodyStream final : public ByteStream {
 public:
  BodyStream(std::shared_ptr<Notes> notes, std::uint64_t begin, std::uint64_t end)
      : notes_(std::move(notes)), at_(begin), end_(end) {}

  void read(std::size_t most, std::function<void(Result<std::string>)> done) override {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(most, end_ - at_));
    if (size == 0) return done(std::string());
    notes_->want({at_, size, [this, done = std::move(done)](Result<std::string> piece) {
                    if (piece) at_ += piece->size();
                    done(std::move(piece));
                  }});
  }

 private:
  const std::shared_ptr<Notes> notes_;
  std::uint64_t at_;
  const std::uint64_t end_;
};

// The body of the request, from its front.
class Body {
 public:
  explicit Body(Stream& stream) : stream_(stream), buffer_(tuning::kStreamPieceBytes, '\0') {}

  Result<std::string> question() {
    std::string text;
    std::optional<std::uint64_t> size;
    while (!size || text.size() < *size) {
      QUIRE_TRY(const std::size_t count, stream_.read(buffer_));
      if (count == 0) break;
      text.append(buffer_, 0, count);
      if (!size) size = replication::question_size(text);
      if (text.size() > replication::kQuestionBytes && (!size || *size > replication::kQuestionBytes)) {
        return Error(ErrorCode::too_large, "the question is too long").over(replication::kQuestionBytes);
      }
    }
    if (size && text.size() > *size) {
      left_ = text.substr(*size);
      text.resize(*size);
    }
    return text;
  }

  // Bytes behind the question; what is in front of them was asked for by nobody.
  Result<std::string> read(std::uint64_t offset, std::size_t most) {
    if (offset < at_) return Error(ErrorCode::invalid, "attachments are read in order");
    for (;;) {
      if (left_.empty()) {
        QUIRE_TRY(const std::size_t count, stream_.read(buffer_));
        if (count == 0) return Error(ErrorCode::corrupt, "the bytes of an attachment are not all there");
        left_.assign(buffer_, 0, count);
      }
      const auto skip = static_cast<std::size_t>(std::min<std::uint64_t>(offset - at_, left_.size()));
      left_.erase(0, skip);
      at_ += skip;
      if (left_.empty()) continue;
      std::string piece = left_.substr(0, most);
      left_.erase(0, piece.size());
      at_ += piece.size();
      return piece;
    }
  }

  Status drop_rest() {
    for (;;) {
      QUIRE_TRY(const std::size_t count, stream_.read(buffer_));
      if (count == 0) return ok();
    }
  }

 private:
  Stream& stream_;
  std::string buffer_;
  std::string left_;
  std::uint64_t at_ = 0;  // of the attachments' bytes
};

// Where each attachment of a write begins.
replication::AttachmentOpener opener_of(const std::string& question, std::shared_ptr<Notes> notes) {
  auto revisions = replication::parse_write(question);
  std::vector<std::vector<std::pair<std::uint64_t, std::uint64_t>>> places;
  std::uint64_t at = 0;
  if (revisions) {
    for (const auto& revision : *revisions) {
      places.emplace_back();
      for (const auto& of : revision.attachments) {
        const std::uint64_t end = of.length > ~std::uint64_t{0} - at ? ~std::uint64_t{0} : at + of.length;
        places.back().emplace_back(at, end);
        at = end;
      }
    }
  }
  return [places = std::move(places), notes = std::move(notes)](
             std::size_t revision, std::size_t attachment,
             replication::Completion<std::unique_ptr<ByteStream>> done) {
    const auto [begin, end] = places.at(revision).at(attachment);
    done(std::unique_ptr<ByteStream>(std::make_unique<BodyStream>(notes, begin, end)));
  };
}

// The answer of a store to the question; the fiber sees to its bytes meanwhile.
Result<std::string> answer_of(RestCall& call, engine::LocalReplica& replica, Body& body,
                              const std::string& question) {
  const auto notes = std::make_shared<Notes>();
  replication::answer_exchange(call.call.limits(), question, replica, replica, opener_of(question, notes),
                               [notes](Result<std::string> answer) { notes->answer(std::move(answer)); });
  for (;;) {
    Notes::Note note = notes->take(*call.call.stream);
    if (note.piece) note.piece->done(body.read(note.piece->offset, note.piece->most));
    if (note.answer) return std::move(*note.answer);
  }
}

}  // namespace

Status exchange(RestCall& call) {
  Body body(*call.call.stream);
  QUIRE_TRY(const std::string question, body.question());
  QUIRE_TRY(const auto asked, replication::question_of(question));
  (void)asked;
  const Parts& parts = call.parts();
  QUIRE_TRY(const auto database, engine::wait<engine::DatabaseStatistics>([&](auto done) {
              parts.catalog.statistics(call.call.caller, call.call.limits(), call.database(),
                                       std::move(done));
            }));
  engine::LocalReplica replica({parts.documents, parts.feeds, parts.catalog, parts.revisions,
                                parts.checkpoints, parts.clock, parts.workers},
                               call.call.caller, database.database.id, call.database_name, call.owner);
  QUIRE_TRY(std::string answer, answer_of(call, replica, body, question));
  QUIRE_TRY_STATUS(body.drop_rest());
  net::Response response;
  response.status = 200;
  response.content_type = replication::kExchangeType;
  if (accepts_coding(call.request(), replication::kExchangeCoding) && replication::pack(answer)) {
    response.add_field("Content-Encoding", replication::kExchangeCoding);
  }
  response.body = std::move(answer);
  call.exchange().send(std::move(response));
  return ok();
}

}  // namespace quire::api::rest
