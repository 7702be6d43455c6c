#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "engine/types.h"

namespace quire::api::couch {

// Takes the bytes of an attachment, one at a time.
class AttachmentSink {
 public:
  virtual ~AttachmentSink() = default;
  virtual Status begin() = 0;
  virtual Status write(std::string_view bytes) = 0;
  // What to put into a change; its name and type are the caller's to fill in.
  virtual Result<engine::Attachment> finish() = 0;
};

// A document as it came, but for the data of its attachments: where that stood the text has an empty string.
struct ScannedDocument {
  struct Data {
    std::string name;  // of the attachment
    engine::Attachment attachment;
  };
  std::string text;
  std::vector<Data> data;
};

// Takes documents out of a body as it arrives, so that an attachment in it (Base64 in a string) is never
// whole in memory. Looks at no more of the JSON than it needs to find these strings and the ends of
// documents: whoever parses the texts refuses what is malformed.
class BodyScan {
 public:
  enum class Shape {
    document,  // the body is one
    list,      // the body is an object whose member `docs` is an array of them
  };
  struct Bounds {
    std::size_t text_bytes;  // of all texts together
    std::size_t documents;
  };

  BodyScan(Shape shape, const Bounds& bounds, AttachmentSink& sink);
  ~BodyScan();
  BodyScan(const BodyScan&) = delete;
  BodyScan& operator=(const BodyScan&) = delete;

  // Errors: bad_request, too_large, and those of the sink. After one the object is good for nothing more.
  Status feed(std::string_view piece);
  // The body is over. Errors: bad_request.
  Status finish();

  std::vector<ScannedDocument>& documents();
  // Of a list: the object without the members of `docs`.
  const std::string& rest() const;
  // Whether there was a member `docs`.
  bool has_list() const;

 private:
  class Machine;
  const std::unique_ptr<Machine> machine_;
};

}  // namespace quire::api::couch
