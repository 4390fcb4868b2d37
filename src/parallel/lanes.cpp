#include "lanes.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace glmpp {

void run_lanes(std::size_t count, unsigned threads, const LaneTask& task,
               const std::function<void()>& poll) {
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

  std::vector<std::thread> helpers;
  const std::size_t wanted = std::min<std::size_t>(count, threads);
  try {
    for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back(work, i);
  } catch (const std::system_error&) {
    // The system grants no more threads: those that run share all lanes.
  }
  work(0);
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace glmpp
