#include "engine/local_queries.h"

namespace quire::engine {

namespace {
Error not_yet() { return Error(ErrorCode::not_implemented, "this is not offered yet"); }
}  // namespace

void LocalQueries::update(const Caller&, const CallLimits&, const CollectionAddress&, const UpdateRequest&,
                          Durability, Completion<UpdateResult> done) {
  done(not_yet());
}
void LocalQueries::remove(const Caller&, const CallLimits&, const CollectionAddress&, const UpdateRequest&,
                          Durability, Completion<UpdateResult> done) {
  done(not_yet());
}
void LocalQueries::find_and_modify(const Caller&, const CallLimits&, const CollectionAddress&,
                                   const FindAndModifyRequest&, Durability,
                                   Completion<FindAndModifyResult> done) {
  done(not_yet());
}

}  // namespace quire::engine
