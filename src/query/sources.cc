#include "query/sources.h"

#include <utility>

namespace quire::query {

using database::ReadView;

namespace {

class IdWalk final : public PlacedSource {
 public:
  IdWalk(const Documents& documents, const database::IdRange& range, Watch& watch)
      : cursor_(documents.view.documents(documents.collection, range)), watch_(watch) {}

  Result<bool> next(Row& row) override {
    QUIRE_TRY_STATUS(watch_.step());
    QUIRE_TRY(const bool more, cursor_->advance());
    if (!more) return false;
    QUIRE_TRY_STATUS(watch_.document());
    row = {.id = cursor_->id(), .body = cursor_->body()};
    return true;
  }
  CursorPlace place() const override {
    CursorPlace place;
    place.id = cursor_->id();
    return place;
  }

 private:
  const std::unique_ptr<database::DocumentCursor> cursor_;
  Watch& watch_;
};

class IdLookUp final : public PlacedSource {
 public:
  IdLookUp(const Documents& documents, std::vector<std::string> ids, Watch& watch)
      : documents_(documents), ids_(std::move(ids)), watch_(watch) {}

  Result<bool> next(Row& row) override {
    while (next_ < ids_.size()) {
      const std::string& id = ids_[next_++];
      QUIRE_TRY_STATUS(watch_.step());
      QUIRE_TRY(found_, documents_.view.get(documents_.collection, id));
      if (!found_) continue;
      QUIRE_TRY_STATUS(watch_.document());
      row = {.id = id, .body = found_->body};
      return true;
    }
    return false;
  }
  CursorPlace place() const override {
    CursorPlace place;
    place.id = ids_[next_ - 1];
    return place;
  }

 private:
  const Documents documents_;
  const std::vector<std::string> ids_;
  Watch& watch_;
  std::size_t next_ = 0;
  std::optional<ReadView::Found> found_;
};

CursorPlace place_of(const EntrySource& entries, const std::string& index) {
  CursorPlace place;
  place.walk = CursorPlace::Walk::index;
  place.index = index;
  place.key = entries.key();
  place.id = entries.id();
  return place;
}

class IndexWalk final : public PlacedSource {
 public:
  IndexWalk(const Documents& documents, const EntryWalk& walk, Watch& watch)
      : documents_(documents), walk_(walk), entries_(walk_entries(documents, walk, watch)), watch_(watch) {}

  Result<bool> next(Row& row) override {
    for (;;) {
      QUIRE_TRY(const bool more, entries_->next());
      if (!more) return false;
      QUIRE_TRY(found_, documents_.view.get(documents_.collection, entries_->id()));
      if (!found_) continue;
      if (walk_.keys != nullptr) {
        QUIRE_TRY(const bool first, is_first());
        if (!first) continue;
      }
      QUIRE_TRY_STATUS(watch_.document());
      ++watch_.run().fetched;
      row = {.id = entries_->id(), .body = found_->body};
      return true;
    }
  }
  CursorPlace place() const override { return place_of(*entries_, walk_.name); }

 private:
  // Whether this entry is the first of the document's under the spans, as the walk goes.
  Result<bool> is_first() {
    keys_.clear();
    QUIRE_TRY_STATUS(walk_.keys->keys_of(entries_->id(), found_->body, keys_));
    const std::string_view here = entries_->key();
    for (const std::string& key : keys_.keys) {
      const bool earlier = walk_.backward ? key > here : key < here;
      if (!earlier) continue;
      for (const KeySpan& span : walk_.spans) {
        if (span.contains(key)) return false;
      }
    }
    return true;
  }

  const Documents documents_;
  const EntryWalk walk_;
  const std::unique_ptr<EntrySource> entries_;
  Watch& watch_;
  std::optional<ReadView::Found> found_;
  database::IndexKeys keys_;
};

class EntriesAlone final : public PlacedSource {
 public:
  EntriesAlone(const Documents& documents, const EntryWalk& walk, Watch& watch)
      : name_(walk.name), entries_(walk_entries(documents, walk, watch)) {}

  Result<bool> next(Row& row) override {
    QUIRE_TRY(const bool more, entries_->next());
    if (more) row = {.id = entries_->id(), .body = "{}"};
    return more;
  }
  CursorPlace place() const override { return place_of(*entries_, name_); }

 private:
  const std::string name_;
  const std::unique_ptr<EntrySource> entries_;
};

class Joined final : public PlacedSource {
 public:
  Joined(std::vector<Part> parts, unsigned first) : parts_(std::move(parts)), at_(first) {}

  Result<bool> next(Row& row) override {
    for (; at_ < parts_.size(); ++at_) {
      for (;;) {
        QUIRE_TRY(const bool more, parts_[at_].source->next(row));
        if (!more) break;
        QUIRE_TRY(const bool is_here, belongs_here(row));
        if (is_here) return true;
      }
    }
    return false;
  }
  CursorPlace place() const override {
    CursorPlace place = parts_[at_].source->place();
    place.branch = at_ + 1;
    return place;
  }

 private:
  // A part gives what it finds, and leaves to an earlier one what that finds too.
  Result<bool> belongs_here(const Row& row) {
    for (unsigned i = 0; i < at_; ++i) {
      QUIRE_TRY(const bool matches, parts_[i].filter.matches_text(row.body, row.id, scratch_));
      if (matches) return false;
    }
    return parts_[at_].filter.matches_text(row.body, row.id, scratch_);
  }

  const std::vector<Part> parts_;
  unsigned at_;
  document::Arena scratch_;
};

class Matching final : public PlacedSource {
 public:
  Matching(std::unique_ptr<PlacedSource> input, Visible visible, const document::Filter& filter)
      : input_(std::move(input)),
        visible_(std::move(visible)),
        filter_(filter),
        everything_(filter.matches_everything()) {}

  Result<bool> next(Row& row) override {
    for (;;) {
      QUIRE_TRY(const bool more, input_->next(row));
      if (!more) return false;
      if (visible_ && !visible_(row.id, row.body)) continue;
      if (everything_) return true;
      QUIRE_TRY(const bool matches, filter_.matches_text(row.body, row.id, scratch_));
      if (matches) return true;
    }
  }
  CursorPlace place() const override { return input_->place(); }

 private:
  const std::unique_ptr<PlacedSource> input_;
  const Visible visible_;
  const document::Filter filter_;
  const bool everything_;
  document::Arena scratch_;
};

}  // namespace

std::unique_ptr<PlacedSource> walk_ids(const Documents& documents, const database::IdRange& range,
                                       Watch& watch) {
  return std::make_unique<IdWalk>(documents, range, watch);
}

std::unique_ptr<PlacedSource> look_up_ids(const Documents& documents, std::vector<std::string> ids,
                                          Watch& watch) {
  return std::make_unique<IdLookUp>(documents, std::move(ids), watch);
}

std::unique_ptr<PlacedSource> walk_index(const Documents& documents, const EntryWalk& walk, Watch& watch) {
  return std::make_unique<IndexWalk>(documents, walk, watch);
}

std::unique_ptr<PlacedSource> walk_index_alone(const Documents& documents, const EntryWalk& walk,
                                               Watch& watch) {
  return std::make_unique<EntriesAlone>(documents, walk, watch);
}

std::unique_ptr<PlacedSource> join_parts(std::vector<Part> parts, unsigned first) {
  return std::make_unique<Joined>(std::move(parts), first);
}

std::unique_ptr<PlacedSource> keep_matching(std::unique_ptr<PlacedSource> input, Visible visible,
                                            const document::Filter& filter) {
  return std::make_unique<Matching>(std::move(input), std::move(visible), filter);
}

}  // namespace quire::query
