#include <cerrno>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/output.h"
#include "cli/session.h"
#include "engine/body.h"

namespace quire::cli {

namespace {

class Put final : public Command {
 public:
  void define(Arguments& arguments) override {
    arguments.optional_positional(
        "document", first_,
        "ID, COLLECTION/ID or DATABASE/COLLECTION/ID; without it, the document's _id, "
        "or one is made");
    arguments.optional_positional("json", second_, "the document; without it, standard input");
    place_.define_node(arguments);
    place_.define_database(arguments);
    place_.define_collection(arguments);
    arguments.option("--rev", revision_, "the revision that it replaces");
    arguments.flag("--force", force_, "replace whatever is there");
    define_durability(arguments, durability_);
  }

  Status run() override {
    QUIRE_TRY(const std::string text, take_text());
    QUIRE_TRY(engine::Change change, make_change(text));
    QUIRE_TRY(Session session, Session::open(place_, Session::Missing::is_made));
    engine::WriteOptions options;
    options.durability = durability_of(durability_);
    options.create_collections = true;
    change.collection = place_.collection_address().collection;
    const auto written = session.write_one(place_, std::move(change), options);
    if (!written) return explain(written.error());
    Output out;
    engine::print_document(written->id, written->revision.to_string(), false, "{}", out.text());
    out.text().push_back('\n');
    return out.close();
  }

 private:
  Result<std::string> take_text() {
    // One argument that is an object is the document.
    if (second_.empty() && !first_.empty() && first_.front() == '{') std::swap(first_, second_);
    if (!second_.empty()) return second_;
    FileSource input;
    QUIRE_TRY_STATUS(input.open("-"));
    return input.read_all(document::JsonLimits().document_bytes);
  }

  Result<engine::Change> make_change(const std::string& text) {
    engine::Change change;
    if (!first_.empty()) {
      QUIRE_TRY(change.id, place_.take_address(first_));
    }
    QUIRE_TRY(engine::ParsedDocument parsed, engine::parse_document(text, {}));
    if (parsed.deleted) return Error(ErrorCode::invalid, "quire rm deletes a document").at("_deleted");
    if (parsed.id && !change.id.empty() && *parsed.id != change.id) {
      return Error(ErrorCode::invalid, "the document's own id is '" + *parsed.id + "'").at("_id");
    }
    if (parsed.id) change.id = *std::move(parsed.id);
    change.expected = std::move(parsed.revision);
    if (!revision_.empty()) {
      QUIRE_TRY(change.expected, document::Revision::parse(revision_));
    }
    if (force_) change.condition = engine::Change::Condition::any;
    change.body = std::move(parsed.body);
    return change;
  }

  Error explain(const Error& error) const {
    if (error.code() != ErrorCode::conflict || !revision_.empty()) return error;
    return Error(error.code(),
                 error.message() + "; name the one that is replaced with --rev, or use --force");
  }

  Place place_;
  std::string first_;
  std::string second_;
  std::string revision_;
  std::string durability_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_put() { return std::make_unique<Put>(); }

}  // namespace quire::cli
