#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace quire::database::testing {

// A key and a value as they stand in a shard. The name up to a '-' is the kind of its record.
struct RecordSample {
  std::string name;
  std::string family;
  std::string key;
  std::string value;
};

// One of each record and of each of its forms, as this program writes them. The same list stands in
// docs/formats/records.md and in the fixture of this version.
const std::vector<RecordSample>& record_samples();

// What the sample says, in the words of describe().
std::string sample_meaning(const std::string& name);
// The decoded record's fields, or the decoder's error. The key matters to records that are told by it.
std::string describe(std::string_view kind, std::string_view key, std::string_view value);

// "name family key-in-hex value-in-hex", or '-' for an empty value.
std::string fixture_line(const RecordSample& sample);
// tests/formats/VERSION/records.hex, by name.
std::map<std::string, RecordSample> read_fixture(unsigned version);
// A file of the tree, in which tests run.
std::string read_text(const std::string& path);

}  // namespace quire::database::testing
