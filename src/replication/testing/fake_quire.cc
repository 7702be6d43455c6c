#include "replication/testing/fake_quire.h"

#include "base/check.h"
#include "base/coding.h"
#include "replication/exchange_server.h"
#include "replication/tuning.h"

namespace quire::replication::testing {

namespace {
constexpr std::uint64_t kHeadBytes = 250;

std::string field_of(const HttpRequest& request, std::string_view name) {
  for (const auto& [its_name, value] : request.fields) {
    if (its_name == name) return value;
  }
  return {};
}
}  // namespace

void FakeQuire::answer(unsigned status, std::string body,
                       const std::function<void(Result<HttpAnswer>)>& done) {
  const bool codes = pack(body);
  bytes += kHeadBytes + body.size();
  executor_.post([status, codes, body = std::move(body), done] {
    HttpAnswer out;
    out.status = status;
    if (codes) out.fields.emplace_back("Content-Encoding", kExchangeCoding);
    out.body = std::make_unique<StringStream>(body);
    done(std::move(out));
  });
}

void FakeQuire::send(HttpRequest request, std::function<void(Result<HttpAnswer>)> done) {
  ++requests;
  bytes += kHeadBytes + request.body.size() + request.stream_length;
  if (request.method == "GET") {
    // An attachment: the last segment names it.
    const auto from = request.target.rfind('/') + 1;
    const std::string name = request.target.substr(from, request.target.find('?') - from);
    for (const auto& [of, revision] : store_.durable_leaves()) {
      for (const auto& leaf : store_.fetch({{of, {revision}, {}}}, 1).revisions) {
        for (const auto& at : leaf.attachments) {
          if (at.name == name) return answer(200, store_.blob(at.digest), done);
        }
      }
    }
    return answer(404, "{}", done);
  }
  const auto with_question = [this, done](const std::string& question, std::string rest) {
    const auto left = std::make_shared<std::string>(std::move(rest));
    // The bytes of attachments stand behind the question, in order.
    const AttachmentOpener opener = [question, left](std::size_t revision, std::size_t attachment,
                                                     const Completion<std::unique_ptr<ByteStream>>& opened) {
      const auto revisions = parse_write(question);
      const std::uint64_t length = (*revisions)[revision].attachments[attachment].length;
      std::string bytes_of = left->substr(0, length);
      left->erase(0, length);
      opened(std::unique_ptr<ByteStream>(std::make_unique<StringStream>(std::move(bytes_of))));
    };
    answer_exchange({}, question, replica_, replica_, opener, [this, done](Result<std::string> text) {
      if (text) return answer(200, std::move(*text), done);
      const bool lost = text.error().code() == ErrorCode::history_lost;
      answer(lost ? 410 : 400, lost ? R"({"code":"history_lost"})" : "{}", done);
    });
  };
  QUIRE_CHECK(field_of(request, "Accept-Encoding") == kExchangeCoding, "an answer may be packed");
  if (!bomb.empty()) return answer(200, bomb, done);
  if (!request.stream) {
    const std::string coding = field_of(request, "Content-Encoding");
    if (coding.empty()) return with_question(request.body, {});
    const auto question = unpack(coding, request.body, kQuestionBytes);
    return question ? with_question(*question, {}) : done(question.error());
  }
  const std::uint64_t length = request.stream_length;
  read_all(request.stream, length + 1, [with_question, length, done](Result<std::string> body) {
    if (!body) return done(std::move(body).error());
    QUIRE_CHECK(body->size() == length, "a body is as long as was said");
    const auto size = question_size(*body);
    if (size) return with_question(body->substr(0, *size), body->size() > *size ? body->substr(*size) : "");
    done(Error(ErrorCode::invalid, "no question"));
  });
}

}  // namespace quire::replication::testing
