#include <quire/quire.h>

#include <iostream>

int main() {
  auto db = quire::open("weather").value().database();
  auto stations = db.collection("stations");
  stations.put("7", R"({"place":"Zermatt","celsius":3.50})", {.condition = quire::Condition::any}).value();
  stations.update("7", R"({"$set":{"wind.from":"west"}})").value();
  std::cout << stations.get("7").value().body() << "\n";
  auto changes = db.changes({.collection = "stations"}).value();
  while (const quire::Change* change = changes.next().value())
    std::cout << change->sequence << " " << name(change->operation) << " " << change->id << "\n";
}
