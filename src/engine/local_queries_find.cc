#include "engine/local_queries.h"

namespace quire::engine {

namespace {
Error not_yet() { return Error(ErrorCode::not_implemented, "this is not offered yet"); }
}  // namespace

void LocalQueries::find(const Caller&, const CallLimits&, const CollectionAddress&, const FindRequest&,
                        const RowSink&, Completion<FindEnd> done) {
  done(not_yet());
}
void LocalQueries::explain(const Caller&, const CallLimits&, const CollectionAddress&, const FindRequest&,
                           bool, Completion<std::string> done) {
  done(not_yet());
}
void LocalQueries::count(const Caller&, const CallLimits&, const CollectionAddress&, const FindRequest&,
                         Completion<std::uint64_t> done) {
  done(not_yet());
}
void LocalQueries::distinct(const Caller&, const CallLimits&, const CollectionAddress&, std::string_view,
                            const FindRequest&, Completion<std::string> done) {
  done(not_yet());
}

}  // namespace quire::engine
