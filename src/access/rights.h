#pragma once

#include <cstdint>
#include <shared_mutex>
#include <unordered_map>
#include <utility>
#include <vector>

#include "access/types.h"

namespace quire::access {

// Who was given what on which database, in memory. Accounts and databases are the numbers of their ids.
// Callable from every thread; every call is short: a page of a list costs what it shows, a change a move of
// that list.
class Rights {
 public:
  using Number = std::uint64_t;

  // The better of the account's grant and what everybody may.
  Right of(Number database, Number user) const;
  Right everybody(Number database) const;

  // Right::none takes it away.
  void set(Number database, Number user, Right right);
  void set_everybody(Number database, Right right);

  std::vector<std::pair<Number, Right>> grants(Number database) const;
  // Databases with a grant of the account, and those that everybody may read: in the order of their ids.
  struct Page {
    std::vector<Number> databases;
    std::uint64_t total = 0;
  };
  Page shared_with(Number user, std::uint64_t offset, std::uint64_t limit) const;
  Page open_to_all(std::uint64_t offset, std::uint64_t limit) const;

  void forget_database(Number database);

 private:
  struct Database {
    Right everybody = Right::none;
    std::vector<std::pair<Number, Right>> users;  // sorted
  };
  using Sorted = std::vector<Number>;

  static Page page(const Sorted& all, std::uint64_t offset, std::uint64_t limit);
  void forget_user_locked(Number database, Number user);

  mutable std::shared_mutex mutex_;
  std::unordered_map<Number, Database> databases_;  // guarded by mutex_
  std::unordered_map<Number, Sorted> of_users_;     // guarded by mutex_
  Sorted open_to_all_;                              // guarded by mutex_
};

}  // namespace quire::access
