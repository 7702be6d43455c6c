#include <algorithm>
#include <limits>

#include "api/actions/list.h"
#include "api/actions/manage.h"
#include "api/json_out.h"
#include "api/tuning.h"

namespace quire::api::actions {

namespace {

Result<std::string> read_document(ActionCall& call, bool may_block) {
  engine::GetOptions options;
  options.memory_only = !may_block;
  const std::string_view id = call.payload.text("documentID");
  QUIRE_TRY(const auto document, engine::wait<engine::Document>([&](auto done) {
              call.parts().documents.get(call.caller, call.call.limits(), collection_of(call), id, options,
                                         std::move(done));
            }));
  std::string out = "{\"document\":";
  engine::print_document(id, document.revision.to_string(), document.deleted, document.body, out);
  return out += "}";
}

void answer_document(const ActionPointer& call, bool may_block) {
  const auto message = read_document(*call, may_block);
  if (message) return send_message(*call, *message);
  if (!may_block && engine::needs_disk(message.error())) {
    return on_worker(call->call, [call] { answer_document(call, true); });
  }
  send_error(*call, message.error());
}

Result<std::string> read_documents(ActionCall& call) {
  QUIRE_TRY(const Stretch stretch, stretch_of(call));
  QUIRE_TRY(const auto total, engine::wait<std::uint64_t>([&](auto done) {
              call.parts().documents.count(call.caller, call.call.limits(), collection_of(call),
                                           std::move(done));
            }));
  engine::ListOptions options;
  options.after = call.payload.text("after");
  const std::uint64_t room = std::numeric_limits<std::uint64_t>::max() - stretch.offset;
  options.limit = stretch.offset + std::min(stretch.limit, room);
  std::string out = "{\"documents\":[";
  std::string last;
  std::uint64_t seen = 0;
  Separator separator;
  const auto sink = [&](const engine::ListRow& row) {
    if (seen++ < stretch.offset) return true;
    separator.before(out);
    engine::print_document(row.id, row.revision.to_string(), row.deleted, row.body, out);
    last = row.id;
    return out.size() < tuning::kPageBytes;
  };
  QUIRE_TRY(const auto end, engine::wait<engine::ListEnd>([&](auto done) {
              call.parts().documents.list(call.caller, call.call.limits(), collection_of(call), options, sink,
                                          std::move(done));
            }));
  out.append("],\"total\":").append(std::to_string(total)).append(",\"next\":");
  if (end.more && !last.empty()) {
    document::append_json_string(out, last);
  } else {
    out += "null";
  }
  return out += "}";
}

Result<std::string> read_collections(ActionCall& call) {
  QUIRE_TRY(const auto all, engine::wait<std::vector<engine::CollectionDescription>>([&](auto done) {
              call.parts().catalog.collections(call.caller, call.call.limits(), address_of(*call.loaded),
                                               std::move(done));
            }));
  std::string out = "{\"collections\":[";
  Separator separator;
  for (const auto& collection : all) {
    separator.before(out);
    ObjectOut object(out);
    object.text("collectionName", collection.name);
    object.number("documents", collection.counts.documents);
    object.end();
  }
  return out += "]}";
}

}  // namespace

void manage_read(const ActionPointer& call) {
  const bool collection = call->payload.has("collectionName");
  if (call->payload.has("documentID")) {
    if (collection) return answer_document(call, false);
    return send_error(*call, Error(ErrorCode::invalid, "this is missing").at("collectionName"));
  }
  if (collection) return worker<read_documents>(call);
  worker<read_collections>(call);
}

}  // namespace quire::api::actions
