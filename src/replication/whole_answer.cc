#include "replication/whole_answer.h"

#include <memory>
#include <utility>

#include "base/coding.h"

namespace quire::replication {

void read_whole(HttpAnswer answer, std::uint64_t most, Completion<WholeAnswer> done) {
  const unsigned status = answer.status;
  const std::string coding(answer.field("Content-Encoding"));
  read_all(std::shared_ptr<ByteStream>(std::move(answer.body)), most,
           [status, coding, most, done = std::move(done)](Result<std::string> text) {
             const bool packed = !coding.empty() && coding != "identity";
             if (text && packed) text = unpack(coding, *text, most);
             if (!text) return done(std::move(text).error());
             done(WholeAnswer{status, std::move(*text)});
           });
}

}  // namespace quire::replication
