#include <algorithm>

#include "api/couch/database_info.h"
#include "api/couch/handlers.h"
#include "api/json_out.h"
#include "document/value.h"

// All databases that the caller may see, by the names that its paths have for them.

namespace quire::api::couch {

namespace {

Result<std::vector<std::string>> names_of(const CouchCall& call) {
  QUIRE_TRY(const auto all, engine::wait<std::vector<engine::DatabaseDescription>>([&](auto done) {
              call.parts().catalog.databases(call.call.caller, call.call.limits(), std::move(done));
            }));
  std::vector<std::string> names;
  names.reserve(all.size());
  for (const auto& one : all) names.push_back(name_for(call.call.caller, one.name, one.owner));
  std::sort(names.begin(), names.end());
  return names;
}

// A key of a range: JSON, or as some clients write it the name itself.
std::string key_of(const CouchCall& call, std::string_view name, std::string_view other) {
  const std::string_view text = call.query.text(call.query.has(name) ? name : other);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"') return std::string(text);
  std::string key;
  document::unescape(text.substr(1, text.size() - 2), key);
  return key;
}

struct Page {
  std::string from;
  std::string to;
  bool descending = false;
  std::uint64_t skip = 0;
  std::uint64_t limit = 0;

  bool holds(const std::string& name) const {
    const std::string& low = descending ? to : from;
    const std::string& high = descending ? from : to;
    return (low.empty() || name >= low) && (high.empty() || name <= high);
  }
};

Result<Page> page_of(const CouchCall& call) {
  Page page;
  page.from = key_of(call, "startkey", "start_key");
  page.to = key_of(call, "endkey", "end_key");
  QUIRE_TRY(page.descending, call.query.flag("descending"));
  QUIRE_TRY(page.skip, call.query.number("skip", 0));
  QUIRE_TRY(page.limit, call.query.number("limit", ~std::uint64_t{0}));
  return page;
}

}  // namespace

Result<net::Response> all_dbs(CouchCall& call) {
  QUIRE_TRY(Page page, page_of(call));
  QUIRE_TRY(auto names, names_of(call));
  if (page.descending) std::reverse(names.begin(), names.end());
  std::string out = "[";
  Separator separator;
  for (const std::string& name : names) {
    if (!page.holds(name)) continue;
    if (page.skip != 0) {
      --page.skip;
      continue;
    }
    if (page.limit-- == 0) break;
    separator.before(out);
    document::append_json_string(out, name);
  }
  out += "]";
  return json_answer(200, std::move(out));
}

Result<net::Response> dbs_info(CouchCall& call) {
  QUIRE_TRY(const auto keys, string_list(call.exchange().body(), "keys"));
  if (keys.size() > kDatabasesOfOneRequest) {
    return bad_request("`keys` has more members than max_db_number_for_dbs_info_req");
  }
  std::string out = "[";
  Separator separator;
  for (const std::string& key : keys) {
    separator.before(out);
    const auto named = named_database(call.parts(), call.call.caller, key);
    auto info = database_info(call, named.address(), key);
    ObjectOut row(out);
    row.text("key", key);
    if (info) {
      row.raw("info", *info);
    } else {
      row.text("error", words_of(info.error()).error);
    }
    row.end();
  }
  out += "]";
  return json_answer(200, std::move(out));
}

}  // namespace quire::api::couch
