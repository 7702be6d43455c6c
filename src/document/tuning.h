#pragma once

#include <cstddef>
#include <cstdint>

// The numbers that tune this folder, each with its reason.
namespace quire::document {

// Values nest at most this deep, whatever limits a caller asks for: comparing, encoding and changing values
// recurse, and take about 1 KiB of stack a level, of the 8 MiB that a thread has.
inline constexpr std::uint32_t kMaxDepth = 256;

// Documents' numbers have exponents of at most this many digits, so that exact order needs 64-bit arithmetic
// only. Moving the dot behind the first digit can make such an exponent one digit longer, never two.
inline constexpr std::uint32_t kMaxExponentDigits = 17;

// One block holds the tree of a typical document of 1 KB (about 60 nodes of 24 bytes) with an update's
// additions.
inline constexpr std::size_t kArenaFirstBlockBytes = 4 << 10;
// Growing by doubling stops here: past it, waste would exceed what a malloc costs.
inline constexpr std::size_t kArenaLargestBlockBytes = 1 << 20;

// Paths of updates have at most so many steps: as deep as documents may nest by default, and some more to be
// told so.
inline constexpr std::size_t kMaxPathSteps = 100;

// An update that sets an element past an array's end fills the gap with at most so many nulls, so that a
// short request cannot make a large document.
inline constexpr std::size_t kMaxArrayPadding = 10'000;

// "$[]" in an update leads to at most so many places of one document: a place costs some 500 bytes while it
// is worked on.
inline constexpr std::size_t kMaxUpdateTargets = 100'000;

// What one compiled regular expression may use, both its program and the automaton built while matching; RE2
// falls back to a slower search where it does not suffice. Many indexes and feeds may hold one each.
inline constexpr std::int64_t kRegexBytes = 1 << 20;

// Scratch memory that a thread keeps between calls; what a huge text made larger is given back after it.
inline constexpr std::size_t kScratchBytesKept = 1 << 20;

// Finding a revision in a tree looks at every node up to this many, which costs less than a table; and in a
// larger tree for the first few times, since most merges ask for one or two revisions only.
inline constexpr std::size_t kScannedNodes = 32;
inline constexpr std::size_t kScansBeforeTable = 4;
// The same of finding a member of an object; a name costs more to hash than to compare.
inline constexpr std::size_t kScannedMembers = 32;
inline constexpr std::size_t kMemberScansBeforeTable = 16;

// Imports read and exports write this much at a time: system calls disappear in it, and it fits a
// second-level cache.
inline constexpr std::size_t kRecordChunkBytes = 256 << 10;

// A CSV file's columns are learnt from this many documents, and at most so many bytes of them: they wait in
// memory.
inline constexpr std::size_t kColumnSampleRecords = 1000;
inline constexpr std::size_t kColumnSampleBytes = 16 << 20;

// A JSON Patch has at most so many operations: each may look at all of an array, so that they multiply with
// the document's size.
inline constexpr std::size_t kPatchOperations = 1000;

// What an edit changed is kept with it in so many bytes of paths: more than an edit by hand touches, and
// little beside a document that has so many members.
inline constexpr std::size_t kChangedFieldsBytes = 4 << 10;

// What validating one document may take: a step is a rule that is looked at, some 20 to 50 ns, so that a
// schema whose alternatives multiply costs less than a second. A document of 8 MB with a rule or two for each
// of a million numbers needs about a third of it.
inline constexpr std::uint64_t kSchemaSteps = 10'000'000;
// Schemas lead into each other, and down into the document, at most so deep while a document is validated. A
// level takes about 1 KiB of stack, and a fiber has 1 MiB.
inline constexpr std::uint32_t kSchemaNesting = 500;
// A string of BYTES under a pattern of INSTRUCTIONS takes BYTES * INSTRUCTIONS / this many steps.
inline constexpr std::size_t kSchemaPatternWorkAStep = 32;
// What a violation shows of a document, and how long the path of one may be; in bytes.
inline constexpr std::size_t kViolationFoundBytes = 40;
inline constexpr std::size_t kViolationPathBytes = 1000;
// So many alternatives are asked again why they do not fit, to name the nearest one.
inline constexpr std::size_t kSchemaAlternativesExplained = 16;

// The scan of a text for members goes so many steps down a path, and leaves the rest to the tree of what is
// there: its state for each stands on the stack.
inline constexpr std::size_t kMaxScanSteps = 16;
// Up to so many wanted members of one object are compared one by one, with a word of eight bytes each; more
// are searched for.
inline constexpr std::uint32_t kComparedSteps = 8;

}  // namespace quire::document
