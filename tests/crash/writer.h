#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "stage.h"

namespace quire::crash {

// One thread that writes in all the ways there are, writes each request and each answer down, and holds the
// shard to what it answered while it lives. Documents "pT." are thread T's own: it knows their revisions;
// "s", "n" and "x" are everybody's.
class Writer {
 public:
  Writer(Stage& stage, unsigned thread, std::uint64_t seed);

  // Until the run is over; then, if the shard has failed, makes sure that it refuses writes and still reads.
  void run();

 private:
  struct Own {
    std::string id;
    document::Revision revision;
    bool deleted = false;
  };
  using Result = ::quire::Result<database::WriteResult>;
  using Step = void (Writer::*)();

  void find_own();
  void step();
  void check_refusal();

  // --- one document
  void put_new();
  void update();
  void remove();
  void revive();
  void overwrite();
  void count();
  void contest();
  void attach();
  // --- several
  void write_atomic();
  void write_bulk();
  // --- branches
  void replicate();
  void resolve();
  // --- collections and indexes
  void make_collection();
  void drop_collection();
  void rebuild_index();

  Request request();
  // Adds an edit with a text of its own.
  database::Edit& add(Request& request, std::string id, std::string_view members = {});
  database::Edit& add_count(Request& request);
  void add_new(Request& request);
  std::string members();
  std::string unique_member();
  Own* pick(bool deleted);
  Result ask(const Request& request);
  // Asks again with the same request id: the answer must be the same.
  void ask_again(const Request& request, const Result& first);
  void learn(const Request& request, const Result& result);
  void check_read(const std::string& id);
  std::optional<std::vector<document::Revision>> some_path(const std::string& id);
  std::string next_name();

  Stage& stage_;
  database::Shard& shard_;
  const unsigned thread_;
  Dice dice_;
  std::uint64_t asked_ = 0;
  std::vector<Own> own_;
  std::map<std::string, std::size_t> places_;  // in own_
  std::map<std::string, database::CollectionId> collections_;
  std::optional<std::uint32_t> index_;
};

// A thread that keeps several writes under way at once through write_async.
void run_pipelined(Stage& stage, unsigned thread, std::uint64_t seed);

}  // namespace quire::crash
