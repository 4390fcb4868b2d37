#ifndef GLMPP_PARALLEL_CREW_H
#define GLMPP_PARALLEL_CREW_H

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace glmpp {

/// Threads that wait for the next piece of work: starting one takes as long as some 1e5 operations. The one that made the crew asks it.
class Crew {
 public:
  using Work = std::function<void(std::size_t worker)>;

  Crew();
  ~Crew();
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;

  /// work(0) here and work(1), work(2), ... on up to `helpers` threads, fewer where the system grants no more. Returns when all that
  /// have begun are done: one that wakes up too late does nothing. The work must not throw.
  void run(std::size_t helpers, const Work& work);
  /// In a work of its own, or in a process that fork() made of that of the threads.
  bool is_out_of_reach() const;

 private:
  void help(std::size_t worker);
  void wait_for_call(std::size_t seen);
  void wait_for_end();
  void grow(std::size_t helpers);

  std::mutex mutex_;
  std::condition_variable called_, ended_;
  std::atomic<std::size_t> calls_{0}, active_{0};
  bool is_open_ = false, is_over_ = false, is_busy_ = false;
  std::size_t asked_ = 0;
  const Work* work_ = nullptr;
  long process_;
  std::vector<std::thread> threads_;
};

}  // namespace glmpp

#endif
