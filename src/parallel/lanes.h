#ifndef GLMPP_PARALLEL_LANES_H
#define GLMPP_PARALLEL_LANES_H

#include <cstddef>
#include <functional>
#include <memory>

namespace glmpp {

class Crew;

using LaneTask = std::function<void(std::size_t lane, std::size_t worker)>;

/// Runs task(lane, worker) for lanes 0 .. count - 1 on up to `threads` threads, the calling one
/// (worker 0) included, and returns when all are done. Threads are started for this call only, so nothing is left to break
/// under fork(), unless the caller keeps them. `poll` runs on the calling thread between its lanes and may throw to stop early.
/// The first exception is rethrown here once every thread has ended.
void run_lanes(std::size_t count, unsigned threads, const LaneTask& task,
               const std::function<void()>& poll);

/// While it lives, the threads that run_lanes() starts for the thread that made it wait for its next call: for what makes many short ones.
class KeptThreads {
 public:
  KeptThreads();
  ~KeptThreads();
  KeptThreads(const KeptThreads&) = delete;
  KeptThreads& operator=(const KeptThreads&) = delete;

 private:
  std::unique_ptr<Crew> crew_;  ///< null where threads are kept already
};

}  // namespace glmpp

#endif
