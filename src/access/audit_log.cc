#include "access/audit_log.h"

#include <algorithm>
#include <vector>

#include "access/tuning.h"
#include "base/bytes.h"

namespace quire::access {

namespace {

// Cut where a character ends; what is no UTF-8 could not be stored as JSON.
void shorten(std::string& text) {
  if (text.size() > tuning::kAuditTextBytes) text.resize(tuning::kAuditTextBytes);
  for (int i = 0; i < 3 && !valid_utf8(text); ++i) text.pop_back();
  if (!valid_utf8(text)) text = "?";
}

}  // namespace

AuditLog::~AuditLog() {
  gate_.close();
  (void)flush();
}

void AuditLog::note(AuditRecord record) {
  for (std::string* text : {&record.event, &record.user, &record.credential, &record.on, &record.address}) {
    shorten(*text);
  }
  record.time_ms = clock_.wall_ms();
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= tuning::kAuditQueue) {
    ++lost_;
    return;
  }
  waiting_.push_back(std::move(record));
  schedule_locked();
}

void AuditLog::schedule_locked() {
  if (scheduled_) return;
  scheduled_ = true;
  executor_.post_after(tuning::kAuditDelay, gate_.guard([this] {
    {
      const std::lock_guard lock(mutex_);
      scheduled_ = false;
    }
    const Status written = flush();
    const std::lock_guard lock(mutex_);
    if (!written && !waiting_.empty()) schedule_locked();
  }));
}

Status AuditLog::flush() {
  const std::lock_guard writing(writing_);
  for (;;) {
    std::vector<AuditRecord> batch;
    {
      const std::lock_guard lock(mutex_);
      if (lost_ > 0 && waiting_.size() < tuning::kAuditQueue) {
        waiting_.push_back({.time_ms = clock_.wall_ms(),
                            .event = "events lost",
                            .user = {},
                            .credential = {},
                            .on = std::to_string(lost_),
                            .address = {}});
        lost_ = 0;
      }
      const std::size_t count = std::min(waiting_.size(), tuning::kAuditBatch);
      batch.assign(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(count));
    }
    if (batch.empty()) return ok();
    QUIRE_TRY_STATUS(store_.append(batch));
    const std::lock_guard lock(mutex_);
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(batch.size()));
  }
}

}  // namespace quire::access
