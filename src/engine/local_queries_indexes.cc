#include "engine/local_queries.h"

namespace quire::engine {

namespace {
Error not_yet() { return Error(ErrorCode::not_implemented, "this is not offered yet"); }
}  // namespace

void LocalQueries::create_index(const Caller&, const CallLimits&, const CollectionAddress&, std::string_view,
                                std::string_view, Completion<IndexDescription> done) {
  done(not_yet());
}
void LocalQueries::drop_index(const Caller&, const CallLimits&, const CollectionAddress&, std::string_view,
                              Completion<void> done) {
  done(not_yet());
}
void LocalQueries::indexes(const Caller&, const CallLimits&, const CollectionAddress&,
                           Completion<std::vector<IndexDescription>> done) {
  done(not_yet());
}

}  // namespace quire::engine
