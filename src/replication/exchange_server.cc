#include "replication/exchange_server.h"

namespace quire::replication {

namespace {

// A completion that prints what it gets.
template <class T>
Completion<T> printed(std::string (*print)(const T&), Completion<std::string> done) {
  return [print, done = std::move(done)](Result<T> value) {
    if (!value) return done(std::move(value).error());
    done(print(*value));
  };
}

}  // namespace

void answer_exchange(const CallLimits& limits, std::string_view question, Source& source, Target& target,
                     const AttachmentOpener& attachments, Completion<std::string> done) {
  const auto asked = question_of(question);
  if (!asked) return done(asked.error());
  switch (*asked) {
    case ExchangeQuestion::open: {
      const auto name = parse_open(question);
      if (!name) return done(name.error());
      return target.open(limits, *name, printed(print_opened, std::move(done)));
    }
    case ExchangeQuestion::changes: {
      const auto of = parse_changes_question(question);
      if (!of) return done(of.error());
      return source.changes(limits, of->since, of->options, printed(print_page, std::move(done)));
    }
    case ExchangeQuestion::missing: {
      const auto documents = parse_missing(question);
      if (!documents) return done(documents.error());
      return target.missing(limits, *documents, printed(print_missing_answer, std::move(done)));
    }
    case ExchangeQuestion::fetch: {
      const auto of = parse_fetch(question);
      if (!of) return done(of.error());
      return source.fetch(limits, of->wanted, of->bytes, printed(print_fetched, std::move(done)));
    }
    case ExchangeQuestion::write: {
      auto revisions = parse_write(question);
      if (!revisions) return done(std::move(revisions).error());
      return target.write(limits, std::move(*revisions), attachments,
                          printed(print_written, std::move(done)));
    }
    case ExchangeQuestion::record: {
      const auto of = parse_record(question);
      if (!of) return done(of.error());
      return target.write_checkpoint(limits, of->name, of->record,
                                     [done = std::move(done)](Result<std::string> revision) {
                                       if (!revision) return done(std::move(revision).error());
                                       done(print_recorded(*revision));
                                     });
    }
  }
}

}  // namespace quire::replication
