#include <deque>
#include <iterator>
#include <utility>

#include "replication/couch_answers.h"
#include "replication/couch_link.h"

// Documents out of a database behind CouchDB's protocol: many in one request, or, where the server does not
// know that, one document a request.

namespace quire::replication {

namespace {

// What servers that have no _bulk_get answer to it: it is no path, no method, or no id of a document.
bool without_bulk_get(unsigned status) {
  return status == 400 || status == 404 || status == 405 || status == 501;
}

Result<FetchedRevisions> of_bulk_get(const std::vector<WantedRevisions>& asked,
                                     const Result<WholeAnswer>& answer) {
  if (answer) {
    if (auto error = error_of_status(answer->status)) return *std::move(error);
    return parse_bulk_get(answer->text, asked, asked.size());
  }
  if (answer.error().code() != ErrorCode::too_large) return answer.error();
  if (asked.size() > 1) return Error(ErrorCode::too_large, "documents over the bound of an answer");
  FetchedRevisions refused;
  refused.documents = 1;
  refused.failures.push_back({asked.front().name, asked.front().revisions.front(), answer.error()});
  return refused;
}

// In groups that each fit into the target of a request.
std::vector<std::vector<document::Revision>> in_targets(const std::vector<document::Revision>& revisions) {
  constexpr std::size_t kQuotesAndComma = 9;  // %22 %22 %2C
  std::vector<std::vector<document::Revision>> groups;
  std::size_t bytes = 0;
  for (const auto& revision : revisions) {
    const std::size_t more = url_encode(revision.to_string()).size() + kQuotesAndComma;
    if (groups.empty() || bytes + more > kTargetRevisionBytes) {
      groups.emplace_back();
      bytes = 0;
    }
    groups.back().push_back(revision);
    bytes += more;
  }
  return groups;
}

}  // namespace

// A document a request, a few of them at a time; from the front of the list, until enough has come.
class CouchPeer::OneByOne final : public std::enable_shared_from_this<CouchPeer::OneByOne> {
 public:
  OneByOne(std::shared_ptr<Link> link, const CallLimits& limits, std::vector<WantedRevisions> wanted,
           std::uint64_t bytes, Completion<FetchedRevisions> done)
      : link_(std::move(link)),
        limits_(limits),
        wanted_(std::move(wanted)),
        bytes_(bytes),
        done_(std::move(done)) {}

  void start() { go_on(); }

 private:
  struct Question {
    DocumentName name;
    std::vector<document::Revision> revisions;
  };

  void go_on() {
    std::vector<Question> begun;
    {
      const std::lock_guard lock(mutex_);
      while (!over_ && in_flight_ < kDocumentsInFlight && draw()) {
        begun.push_back(std::move(questions_.front()));
        questions_.pop_front();
        ++in_flight_;
      }
    }
    for (Question& question : begun) ask(std::move(question));
  }

  // Sees to it that there is a question, if there is to be one more. Under the lock.
  bool draw() {
    if (!questions_.empty()) return true;
    if (next_ == wanted_.size() || came_bytes_ >= bytes_) return false;
    const WantedRevisions& of = wanted_[next_++];
    for (auto& revisions : in_targets(of.revisions)) {
      questions_.push_back({of.name, std::move(revisions)});
    }
    return !questions_.empty();
  }

  void ask(Question question) {
    auto request = link_->request(
        limits_, "GET",
        link_->path(couch_path(couch_name(question.name)) + "?" + open_revisions_query(question.revisions)));
    link_->ask(std::move(request), kOneDocumentBytes,
               [self = shared_from_this(), question = std::move(question)](
                   const Result<WholeAnswer>& answer) mutable { self->took(std::move(question), answer); });
  }

  void took(Question question, const Result<WholeAnswer>& answer) {
    if (!answer && answer.error().code() == ErrorCode::too_large) {
      take_apart(std::move(question), answer.error());
    } else if (!answer) {
      return fail(answer.error());
    } else if (auto error = error_of_status(answer->status)) {
      const bool of_document =
          error->code() == ErrorCode::forbidden || says_that_document_is_missing(answer->text);
      if (!of_document) return fail(*std::move(error));
      refuse(question, *error);
    } else {
      auto fetched = parse_open_revisions(answer->text, question.name);
      if (!fetched) return fail(std::move(fetched).error());
      add(std::move(*fetched), answer->text.size());
    }
    answered();
  }

  // Revisions that are too much together are asked for one by one.
  void take_apart(Question question, const Error& error) {
    if (question.revisions.size() == 1) return refuse(question, error);
    const std::lock_guard lock(mutex_);
    for (const auto& revision : question.revisions) questions_.push_back({question.name, {revision}});
  }

  void refuse(const Question& question, const Error& error) {
    const std::lock_guard lock(mutex_);
    for (const auto& revision : question.revisions) {
      fetched_.failures.push_back({question.name, revision, error});
    }
  }

  void add(FetchedRevisions more, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    came_bytes_ += bytes;
    std::move(more.revisions.begin(), more.revisions.end(), std::back_inserter(fetched_.revisions));
    std::move(more.failures.begin(), more.failures.end(), std::back_inserter(fetched_.failures));
  }

  void answered() {
    {
      const std::lock_guard lock(mutex_);
      --in_flight_;
    }
    go_on();
    std::unique_lock lock(mutex_);
    if (over_ || in_flight_ != 0) return;
    over_ = true;
    fetched_.documents = next_;
    lock.unlock();
    done_(std::move(fetched_));
  }

  void fail(Error error) {
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(over_, true)) return;
    }
    done_(std::move(error));
  }

  const std::shared_ptr<Link> link_;
  const CallLimits limits_;
  const std::vector<WantedRevisions> wanted_;
  const std::uint64_t bytes_;
  const Completion<FetchedRevisions> done_;
  std::mutex mutex_;                // guards all below
  std::size_t next_ = 0;            // of wanted_
  std::deque<Question> questions_;  // of documents before next_
  std::size_t in_flight_ = 0;
  std::uint64_t came_bytes_ = 0;
  bool over_ = false;  // done_ has been called, or is about to be
  FetchedRevisions fetched_;
};

void CouchPeer::fetch(const CallLimits& limits, const std::vector<WantedRevisions>& wanted,
                      std::uint64_t bytes, Completion<FetchedRevisions> done) {
  if (link_->lacks_bulk_get()) return fetch_one_by_one(link_, limits, wanted, bytes, std::move(done));
  const std::size_t count = std::min(wanted.size(), link_->documents_for(bytes));
  auto request = link_->request(
      limits, "POST",
      link_->path("/_bulk_get?revs=true&latest=true&attachments=false&att_encoding_info=true"));
  request.body = bulk_get_body(wanted, count);
  std::vector<WantedRevisions> asked(wanted.begin(), wanted.begin() + static_cast<std::ptrdiff_t>(count));
  link_->ask(std::move(request), kDocumentsBytes,
             [link = link_, limits, asked = std::move(asked), bytes,
              done = std::move(done)](const Result<WholeAnswer>& answer) {
               if (answer && without_bulk_get(answer->status)) {
                 link->set_lacks_bulk_get(true);
                 return fetch_one_by_one(link, limits, asked, bytes, done);
               }
               if (answer && !error_of_status(answer->status)) {
                 link->documents_came(asked.size(), answer->text.size());
               } else if (!answer && answer.error().code() == ErrorCode::too_large) {
                 link->documents_were_too_large(asked.size());
               }
               done(of_bulk_get(asked, answer));
             });
}

void CouchPeer::fetch_one_by_one(const std::shared_ptr<Link>& link, const CallLimits& limits,
                                 const std::vector<WantedRevisions>& wanted, std::uint64_t bytes,
                                 Completion<FetchedRevisions> done) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(wanted.size(), kDocumentsOneByOne));
  std::vector<WantedRevisions> first(wanted.begin(), wanted.begin() + count);
  std::make_shared<OneByOne>(link, limits, std::move(first), bytes, std::move(done))->start();
}

}  // namespace quire::replication
