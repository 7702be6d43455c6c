#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace quire::database {

// What every new text of a collection's documents has to obey. Const and callable from every thread.
class DocumentRule {
 public:
  virtual ~DocumentRule() = default;
  // Looks at the minified text of a live document that is about to be written; an error refuses the write.
  // Asked again where the document moves meanwhile.
  virtual Status check(std::string_view id, std::string_view body) const = 0;
};

// Makes the rules of one kind from their stored definitions. A shard that has a rule of a kind without a
// maker refuses writes, because nobody could say whether they obey it.
class DocumentRuleFactory {
 public:
  virtual ~DocumentRuleFactory() = default;
  virtual std::string_view kind() const = 0;
  // For the collection of this name.
  virtual Result<std::shared_ptr<const DocumentRule>> make(std::string_view collection,
                                                           std::string_view definition) const = 0;
};

}  // namespace quire::database
