// An answer, as a client reads it.

#include <string>

#include "base/check.h"
#include "input.h"
#include "net/answer_head.h"
#include "net/body_reader.h"
#include "net/client.h"
#include "net/request_head.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quire;
  using namespace quire::net;
  fuzz::Input input(data, size);
  const std::string_view bytes = input.rest();
  (void)Origin::parse(bytes);

  const Limits limits;
  HeadFinder finder(limits, HeadFinder::Kind::answer);
  std::optional<Refusal> refusal;
  const std::size_t head_size = finder.find(bytes, refusal);
  if (refusal || head_size == 0) return 0;
  const std::string_view head = bytes.substr(0, head_size);
  const auto answer = parse_answer_head(head, limits.fields);
  if (!answer) return 0;
  QUIRE_CHECK(answer->status >= 100 && answer->status <= 599, "a status has a class");
  QUIRE_CHECK(!(answer->framing.chunked && answer->framing.length), "a body has one length");
  for (const Field& field : answer->fields) {
    QUIRE_CHECK(field.value.empty() || (field.value.data() >= head.data() &&
                                        field.value.data() + field.value.size() <= head.data() + head.size()),
                "fields show the head");
  }
  BodyReader body = answer->framing.chunked ? BodyReader::of_chunks()
                                            : BodyReader::of_length(answer->framing.length.value_or(0));
  std::size_t at = head_size;
  while (at < bytes.size() && !body.done()) {
    const auto piece = body.take(bytes.substr(at));
    if (!piece) return 0;
    QUIRE_CHECK(piece->used > 0, "a body goes on");
    at += piece->used;
  }
  return 0;
}
