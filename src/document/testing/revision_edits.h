#pragma once

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "document/revision_tree.h"

// Edits for the tests of revision trees, written down and at random.
namespace quire::document::testing {

inline Revision revision(const std::string& text) {
  auto parsed = Revision::parse(text);
  EXPECT_TRUE(parsed) << text;
  return parsed ? *parsed : Revision();
}

inline std::vector<Revision> revisions(const std::vector<std::string>& texts) {
  std::vector<Revision> list;
  for (const auto& text : texts) list.push_back(revision(text));
  return list;
}

inline std::vector<std::string> texts(const std::vector<Revision>& list) {
  std::vector<std::string> out;
  for (const auto& one : list) out.push_back(one.to_string());
  return out;
}

inline std::string encoded(const RevisionTree& tree) {
  std::string out;
  tree.encode(out);
  return out;
}

struct Edit {
  std::vector<Revision> path;  // newest first
  bool deleted = false;
};

inline RevisionTree tree_of(const std::vector<Edit>& edits) {
  RevisionTree tree;
  for (const Edit& edit : edits) tree.merge(edit.path, edit.deleted);
  return tree;
}

// Few hashes, so that paths meet, contradict each other, and hold the same hash at several generations.
inline rc::Gen<Edit> any_edit() {
  static const std::vector<std::string> hashes = {"", "a", "b", "00112233445566778899aabbccddeeff",
                                                  "ff112233445566778899aabbccddeeff"};
  return rc::gen::mapcat(rc::gen::inRange<std::uint64_t>(1, 9), [](std::uint64_t generation) {
    const auto length = rc::gen::inRange<std::size_t>(1, generation + 1);
    return rc::gen::mapcat(length, [generation](std::size_t count) {
      const auto path = rc::gen::container<std::vector<std::string>>(count, rc::gen::elementOf(hashes));
      return rc::gen::apply(
          [generation](const std::vector<std::string>& chosen, bool deleted) {
            Edit edit;
            for (std::size_t i = 0; i < chosen.size(); ++i) {
              edit.path.push_back({generation - i, RevisionHash::from_text(chosen[i])});
            }
            edit.deleted = deleted;
            return edit;
          },
          path, rc::gen::arbitrary<bool>());
    });
  });
}

// Edits as they happen: a hash is made of its parent, so that every revision has one parent. The choices are
// the edits below each other; `known` is how many ancestors come along.
inline rc::Gen<Edit> honest_edit() {
  const auto choices = rc::gen::resize(
      9, rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::string("aab")))));
  return rc::gen::apply(
      [](const std::string& chosen, std::size_t known, bool deleted) {
        Edit edit;
        for (std::size_t length = chosen.size(); length > 0 && edit.path.size() < known; --length) {
          edit.path.push_back({length, RevisionHash::from_text(chosen.substr(0, length))});
        }
        edit.deleted = deleted;
        return edit;
      },
      choices, rc::gen::inRange<std::size_t>(1, 10), rc::gen::arbitrary<bool>());
}

inline rc::Gen<std::vector<Edit>> any_edits() {
  const auto few = [](const rc::Gen<Edit>& edit) {
    return rc::gen::resize(7, rc::gen::container<std::vector<Edit>>(edit));
  };
  return rc::gen::oneOf(few(any_edit()), few(honest_edit()));
}
}  // namespace quire::document::testing
