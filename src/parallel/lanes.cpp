#include "lanes.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "crew.h"

namespace glmpp {

namespace {

thread_local Crew* kept = nullptr;

void run_work(std::size_t helpers, const Crew::Work& work) {
  if (helpers == 0) return work(0);
  if (kept && !kept->is_out_of_reach()) return kept->run(helpers, work);
  Crew().run(helpers, work);
}

}  // namespace

void run_lanes(std::size_t count, unsigned threads, const LaneTask& task,
               const std::function<void()>& poll) {
  if (count == 0) return;
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;

  auto work = [&](std::size_t worker) {
    try {
      for (std::size_t lane = next++; lane < count; lane = next++) {
        task(lane, worker);
        if (worker == 0 && poll) poll();
      }
    } catch (...) {
      next = count;
      std::lock_guard<std::mutex> lock(failure_mutex);
      if (!failure) failure = std::current_exception();
    }
  };
  run_work(std::min<std::size_t>(count, std::max(threads, 1u)) - 1, work);
  if (failure) std::rethrow_exception(failure);
}

KeptThreads::KeptThreads() {
  if (kept) return;
  crew_ = std::make_unique<Crew>();
  kept = crew_.get();
}

KeptThreads::~KeptThreads() {
  if (!crew_) return;
  kept = nullptr;
  // A process that fork() made has none of the threads.
  if (crew_->is_out_of_reach()) crew_.release();
}

}  // namespace glmpp
