#include "replication/quire_peer.h"

#include "base/bytes.h"
#include "replication/attachments_body.h"
#include "replication/checked_stream.h"
#include "replication/couch_answers.h"
#include "replication/couch_text.h"
#include "replication/exchange_format.h"
#include "replication/tuning.h"
#include "replication/whole_answer.h"

namespace quire::replication {

namespace {

// What a refusal of /v1 says of a lost history, which has no status of its own.
bool says_history_lost(std::string_view text) {
  return text.find(R"("history_lost")") != std::string_view::npos;
}

Error error_of_answer(unsigned status, std::string_view text) {
  if (says_history_lost(text)) return {ErrorCode::history_lost, "the source does not know the position"};
  return *error_of_status(status);
}

// A completion that reads what it gets.
template <class T>
Completion<std::string> read_by(Result<T> (*parse)(std::string_view), Completion<T> done) {
  return [parse, done = std::move(done)](Result<std::string> text) {
    if (!text) return done(std::move(text).error());
    done(parse(*text));
  };
}

}  // namespace

class QuirePeer::Link {
 public:
  explicit Link(QuirePeerOptions options) : options_(std::move(options)) {}
  const QuirePeerOptions& options() const { return options_; }

  HttpRequest request(const CallLimits& limits, std::string method, std::string target) const {
    HttpRequest request;
    request.method = std::move(method);
    request.target = std::move(target);
    if (!options_.authorization.empty()) {
      request.fields.emplace_back("Authorization", std::string(options_.authorization.reveal()));
    }
    request.answer_time = kCallTime;
    request.cancellation = limits.cancellation;
    return request;
  }

  HttpRequest question(const CallLimits& limits, std::string body) const {
    auto question = request(limits, "POST", options_.path + "/exchange");
    question.fields.emplace_back("Content-Type", kExchangeType);
    question.fields.emplace_back("Accept-Encoding", kExchangeCoding);
    if (pack(body)) question.fields.emplace_back("Content-Encoding", kExchangeCoding);
    question.body = std::move(body);
    return question;
  }

  void ask(HttpRequest question, std::uint64_t most, Completion<std::string> done) const {
    options_.transport->send(std::move(question), [most, done = std::move(done)](Result<HttpAnswer> answer) {
      if (!answer) return done(std::move(answer).error());
      read_whole(std::move(*answer), most, [done](Result<WholeAnswer> whole) {
        if (!whole) return done(std::move(whole).error());
        if (whole->status != 200) return done(error_of_answer(whole->status, whole->text));
        done(std::move(whole->text));
      });
    });
  }

 private:
  const QuirePeerOptions options_;
};

QuirePeer::QuirePeer(QuirePeerOptions options) : link_(std::make_shared<const Link>(std::move(options))) {}
QuirePeer::~QuirePeer() = default;

std::string QuirePeer::key() const { return link_->options().key; }

void QuirePeer::open(const CallLimits& limits, std::string_view checkpoint, Completion<Opened> done) {
  link_->ask(link_->question(limits, print_open(checkpoint)), kCheckpointBytes * 2,
             read_by(parse_opened, std::move(done)));
}

void QuirePeer::write_checkpoint(const CallLimits& limits, std::string_view checkpoint,
                                 const StoredCheckpoint& record, Completion<std::string> done) {
  link_->ask(link_->question(limits, print_record({std::string(checkpoint), record})), kSmallAnswerBytes,
             read_by(parse_recorded, std::move(done)));
}

void QuirePeer::changes(const CallLimits& limits, const SourcePosition& since, const ChangesOptions& options,
                        Completion<ChangesPage> done) {
  auto question = link_->question(limits, print_changes({since, options}));
  question.patient = options.wait.count() > 0;
  question.answer_time = kCallTime + options.wait;
  link_->ask(std::move(question), kChangesBytes, read_by(parse_page, std::move(done)));
}

void QuirePeer::fetch(const CallLimits& limits, const std::vector<WantedRevisions>& wanted,
                      std::uint64_t bytes, Completion<FetchedRevisions> done) {
  link_->ask(link_->question(limits, print_fetch({bytes, wanted})), kDocumentsBytes,
             read_by(parse_fetched, std::move(done)));
}

void QuirePeer::open_attachment(const CallLimits& limits, const TravellingRevision& revision,
                                const AttachmentInfo& attachment,
                                Completion<std::unique_ptr<ByteStream>> done) {
  const std::string collection = revision.name.collection.empty() ? "_default" : revision.name.collection;
  auto request =
      link_->request(limits, "GET",
                     link_->options().path + "/collections/" + url_encode(collection) + "/documents/" +
                         url_encode(revision.name.id) + "/attachments/" + url_encode(attachment.name) +
                         "?rev=" + url_encode(revision.path.front().to_string()));
  link_->options().transport->send(std::move(request), [attachment,
                                                        done = std::move(done)](Result<HttpAnswer> answer) {
    if (!answer) return done(std::move(answer).error());
    if (auto error = error_of_status(answer->status)) return done(*std::move(error));
    done(std::unique_ptr<ByteStream>(std::make_unique<CheckedStream>(std::move(answer->body), attachment)));
  });
}

void QuirePeer::missing(const CallLimits& limits, const std::vector<RevisionsOf>& documents,
                        Completion<std::vector<MissingOf>> done) {
  link_->ask(link_->question(limits, print_missing(documents)), kChangesBytes,
             read_by(parse_missing_answer, std::move(done)));
}

// Those without attachments in one question, each of the others in one of its own, with its bytes behind it.
class QuirePeer::Writing final : public std::enable_shared_from_this<QuirePeer::Writing> {
 public:
  Writing(std::shared_ptr<const Link> link, const CallLimits& limits,
          std::vector<TravellingRevision> revisions, AttachmentOpener opener,
          Completion<WrittenRevisions> done)
      : link_(std::move(link)),
        limits_(limits),
        revisions_(std::move(revisions)),
        opener_(std::move(opener)),
        done_(std::move(done)) {}

  void start() {
    std::vector<const TravellingRevision*> plain;
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < revisions_.size(); ++i) {
      if (!revisions_[i].attachments.empty()) continue;
      plain.push_back(&revisions_[i]);
      places.push_back(i);
    }
    if (plain.empty()) return next();
    link_->ask(link_->question(limits_, print_write(plain)), kChangesBytes,
               [self = shared_from_this(), places](Result<std::string> text) {
                 if (self->took(text, places)) self->next();
               });
  }

 private:
  void next() {
    while (at_ < revisions_.size() && revisions_[at_].attachments.empty()) ++at_;
    if (at_ == revisions_.size()) return (void)end(std::move(written_));
    const auto body =
        std::make_shared<AttachmentsBody>(print_write({&revisions_[at_]}), revisions_[at_], at_, opener_);
    auto question = link_->question(limits_, {});
    question.stream = body;
    question.stream_length = body->length();
    link_->ask(std::move(question), kChangesBytes,
               [self = shared_from_this(), body](Result<std::string> text) -> void {
                 const auto& failure = body->failure();
                 if (failure) {
                   const ErrorCode code = failure->code();
                   const bool its_own = code == ErrorCode::corrupt || code == ErrorCode::not_found ||
                                        code == ErrorCode::too_large || code == ErrorCode::invalid;
                   if (!its_own) return (void)self->end(*failure);
                   self->written_.failures.emplace_back(self->at_, *failure);
                 } else if (!self->took(text, {self->at_})) {
                   return;
                 }
                 ++self->at_;
                 self->next();
               });
  }

  // False where it has ended.
  bool took(const Result<std::string>& text, const std::vector<std::size_t>& places) {
    if (!text) return end(text.error());
    auto rows = parse_written_answer(*text);
    if (!rows) return end(std::move(rows).error());
    for (auto& [at, error] : rows->failures) {
      if (at < places.size()) written_.failures.emplace_back(places[at], std::move(error));
    }
    return true;
  }

  bool end(Result<WrittenRevisions> result) {
    const auto done = std::move(done_);
    done(std::move(result));
    return false;
  }

  const std::shared_ptr<const Link> link_;
  const CallLimits limits_;
  const std::vector<TravellingRevision> revisions_;
  const AttachmentOpener opener_;
  Completion<WrittenRevisions> done_;
  std::size_t at_ = 0;
  WrittenRevisions written_;
};

void QuirePeer::write(const CallLimits& limits, std::vector<TravellingRevision> revisions,
                      const AttachmentOpener& attachments, Completion<WrittenRevisions> done) {
  std::make_shared<Writing>(link_, limits, std::move(revisions), attachments, std::move(done))->start();
}

}  // namespace quire::replication
