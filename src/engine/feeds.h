#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/call.h"
#include "document/arena.h"
#include "document/filter.h"
#include "document/revision_tree.h"
#include "engine/address.h"
#include "engine/caller.h"
#include "engine/completion.h"
#include "engine/position.h"
#include "engine/types.h"

namespace quire::engine {

// A document by name.
struct FeedDocument {
  std::string collection = "_default";
  std::string id{};
};

struct FeedOptions {
  std::string collection{};     // empty: all
  std::string named{};          // rows of the collections that have this name, now or later; empty: all
  bool current_only = false;    // leave out what a later change of the same document supersedes
  bool bodies = false;          // fill FeedRow::body
  bool leaves = false;          // fill FeedRow::leaves
  std::uint32_t limit = 1000;   // rows of a page, kFeedPageRows at most
  bool documents_only = false;  // leave out changes of collections themselves
  // Rows name the winner after the change, and `body` is its text, where the change was of a losing leaf.
  bool winners = false;
  // From the newest change to the oldest: a page is in front of its position then, and Position{} is the end.
  bool descending = false;
  bool pending = false;  // fill FeedPage::pending
  // Only these documents; kFeedDocuments at most. With current_only, a short list is read from the documents
  // themselves, however long the history is. Empty: all.
  std::vector<FeedDocument> documents{};
  // Only changes whose text it matches, with "_id", and "_rev" and "_deleted" where it asks for them; a
  // change whose text is no longer kept is left out. The limit counts what it lets pass.
  std::optional<document::Filter> filter{};
};

// A change. The views are valid as long as the page.
struct FeedRow {
  Sequence sequence;
  WallMs time_ms;      // when it was committed, by the clock of the node that did
  std::uint32_t tick;  // tells apart what was committed in one millisecond
  Operation operation;
  bool deleted;   // the document is deleted since
  bool has_body;  // false where none was asked for, or the text of this revision is no longer kept
  std::string_view collection;
  std::string_view id;  // empty where the change is of the collection itself
  document::Revision revision;
  std::string_view body;  // minified, without reserved members
  // Of an update that paths can say: what it changed, for decode_changes(); empty unless bodies are asked
  // for.
  std::string_view changes;
  // All leaves of the document as it is now, winner first; empty unless asked for.
  const document::Leaf* leaves;
  std::size_t leaf_count;
};

// A stretch of a history, oldest first. Movable; rows stay where they are.
class FeedPage {
 public:
  FeedPage() : arena_(std::make_unique<document::Arena>()) {}

  std::vector<FeedRow> rows;
  Position next;        // read on from here; rows may be fewer than asked for, even none, before the end
  bool at_end = false;  // nothing durable was there beyond `next`
  // How many rows follow `next`, exactly; none where that was not asked for, or would take a filter, or a
  // walk of more than kPendingEntries, or of half as many where the page before said none.
  std::optional<std::uint64_t> pending;

  document::Arena& arena() { return *arena_; }
  // Leaves are not trivially destructible, so they stand beside the arena.
  std::vector<std::unique_ptr<document::Leaf[]>>& leaf_blocks() { return leaf_blocks_; }

 private:
  std::unique_ptr<document::Arena> arena_;
  std::vector<std::unique_ptr<document::Leaf[]>> leaf_blocks_;
};

// The changes of a database, in the order in which they were committed. Callable from every thread; arguments
// that are views or references need to live until the call returns. Only what is durable is shown. Changes of
// documents whose collection has been dropped since are shown as long as the drop is kept, their texts as
// long as there is room for them; of current_only they are left out.
//
// Errors of every call: unauthenticated, forbidden, not_found, deadline, cancelled, unavailable, corrupt, io;
// too_large for a list of documents; and history_lost for a position of another incarnation (the database was
// restored or repaired), one ahead of the history, or, unless current_only, one older than what is kept:
// whoever follows must begin again, from the documents or from position 0 with current_only.
class Feeds {
 public:
  virtual ~Feeds() = default;

  // The page behind `since`; Position{}: from the first change that is kept.
  virtual void read(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                    const Position& since, const FeedOptions& options, Completion<FeedPage> done) = 0;

  // Answers the last durable position: at once if that is beyond `since`, else as soon as it is. Ends with
  // deadline at the deadline, and with cancelled within kWaitTickMs of the cancellation. It keeps the
  // database open.
  virtual void wait(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                    const Position& since, Completion<Position> done) = 0;

  // Where the history stands now.
  virtual void position(const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
                        Completion<Position> done) = 0;
};

// Takes a page of a followed feed; false ends it.
using FeedSink = std::function<bool(FeedPage&)>;

// Reads from `since`, and then waits for more, until the sink answers false (the answer is then the position
// behind the last page it took), or with the error that ended it: the deadline, the cancellation, a fault.
// Pages without rows are shown too, so that their position can be kept. `feeds` outlives it; the sink is
// called from one thread at a time.
void follow(Feeds& feeds, const Caller& caller, const CallLimits& limits, const DatabaseAddress& address,
            const Position& since, const FeedOptions& options, FeedSink sink, Completion<Position> done);

}  // namespace quire::engine
