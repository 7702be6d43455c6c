#include <algorithm>
#include <array>

#include "api/actions/handlers.h"

namespace quire::api::actions {

namespace {

using Type = FieldType;

constexpr Field kKey{"apiKey", Type::secret, false,
                     "an API key or a session's token; or in Authorization: Bearer"};
constexpr Field kUserName{"username", Type::name, true, "unique without regard to case"};
constexpr Field kPassword{"password", Type::secret, true, "8 to 1024 bytes"};
constexpr Field kLimit{"limit", Type::number, false, "so many at most; 100 of itself, 1000 at most"};
constexpr Field kOffset{"offset", Type::number, false, "so many are passed over"};
constexpr Field kDatabase{"dbID", Type::text, true, "the database"};
constexpr Field kDatabaseOrLoaded{"dbID", Type::text, false,
                                  "the database; without it the one that the caller has loaded"};
constexpr Field kUser{"userID", Type::text, true, "the account, by its id or name"};

constexpr std::array kRegister{kKey, kUserName, kPassword, Field{"email", Type::text, true, "an address"}};
constexpr std::array kCredentials{kUserName, kPassword};
constexpr std::array kRevoke{kUserName, kPassword, Field{"apiKey", Type::secret, true, "the key that ends"}};
constexpr std::array kList{kKey, kLimit, kOffset};
constexpr std::array kCreate{kKey, Field{"dbName", Type::name, true, "unique among the owner's databases"},
                             Field{"public", Type::publicity, false, "what everybody may; none of itself"}};
constexpr std::array kOne{kKey, kDatabase};
constexpr std::array kManage{
    kKey,
    Field{"DataBaseID", Type::text, false, "the loaded database, to be sure"},
    Field{"operation", Type::text, true, "Create, Add, Read, Update or Delete, in any case"},
    Field{"collectionName", Type::name, false, "the collection; Read without it names all"},
    Field{"documentID", Type::text, false, "the document; Delete without it deletes the collection"},
    Field{"documentData", Type::objects, false,
          "Add: the document, or an array of them, all or none. Update: what changes, as a merge patch or "
          "update "
          "operators; with _rev only at that revision"},
    kLimit,
    kOffset,
    Field{"after", Type::text, false, "Read: ids behind this one"}};
constexpr std::array kShare{kKey, kUser, kDatabaseOrLoaded,
                            Field{"role", Type::grant, false, "write of itself"}};
constexpr std::array kUnshare{kKey, kUser, kDatabaseOrLoaded};

constexpr bool kAnybody = true;
constexpr bool kWithKey = false;

constexpr std::array kActions{
    Action{"register", kAnybody, kRegister, "{userID}",
           "Makes an account, unless an administrator has closed that.", password<register_account>},
    Action{"login", kAnybody, kCredentials, "{userID, token, expires}",
           "Begins a session; its token is good wherever a key is.", password<login>},
    Action{"getAPIkey", kAnybody, kCredentials, "{apiKey, expires}",
           "Makes a key, which is shown this once, and ends the one made before.", password<get_api_key>},
    Action{"revokeAPIkey", kAnybody, kRevoke, "a text", "Ends a key.", password<revoke_api_key>},
    Action{"getPublicDatabases", kAnybody, kList, "{databases: [{dbID, dbName, owner}], total}",
           "The databases that everybody may read.", worker<get_public_databases>},
    Action{"getDatabases", kWithKey, kList, "{databases: [{dbID, dbName, owner, role}], total}",
           "What the caller owns, and what is shared with them.", worker<get_databases>},
    Action{"createDatabase", kWithKey, kCreate, "{dbID, dbName}", "Makes a database.",
           worker<create_database>},
    Action{"deleteDatabase", kWithKey, kOne, "a text",
           "Deletes a database of the caller's with all that is in it. Its fields may stand in an object "
           "`apiKey` "
           "instead of `payload`, the key as `APIkey`.",
           worker<delete_database>},
    Action{"loadDatabase", kWithKey, kOne, "{dbID, expires, epoch}",
           "Takes a database for the caller alone, or renews that.", worker<load_database>},
    Action{"unloadDatabase", kWithKey, kOne, "a text", "Gives it back.", worker<unload_database>},
    Action{"manageDatabase", kWithKey, kManage,
           "Create {collectionName}; Add {ids, revs}; Read {document}, {documents, total, next} or "
           "{collections}; "
           "Update {id, rev}; Delete a text",
           "Works in the database that the caller has loaded.", manage_database},
    Action{"shareDatabase", kWithKey, kShare, "a text",
           "Lets another account use a database of the caller's.", worker<share_database>},
    Action{"unshareDatabase", kWithKey, kUnshare, "a text", "Ends that.", worker<unshare_database>},
};

}  // namespace

std::span<const Action> table() { return kActions; }

const Action* find_action(std::string_view name) {
  const auto at =
      std::find_if(kActions.begin(), kActions.end(), [&](const Action& one) { return one.name == name; });
  return at == kActions.end() ? nullptr : &*at;
}

}  // namespace quire::api::actions
