#include "lanes.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace glmpp {

void run_lanes(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& task,
               const std::function<void()>& poll) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;

  auto work = [&](bool is_caller) {
    try {
      for (std::size_t lane = next++; lane < count; lane = next++) {
        task(lane);
        if (is_caller && poll) poll();
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
    for (std::size_t i = 1; i < wanted; ++i) helpers.emplace_back(work, false);
  } catch (const std::system_error&) {
    // The system grants no more threads: those that run share all lanes.
  }
  work(true);
  for (std::thread& helper : helpers) helper.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace glmpp
