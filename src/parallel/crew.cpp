#include "crew.h"

#include <chrono>
#include <system_error>

#ifndef _WIN32
#include <unistd.h>
#endif

namespace glmpp {

namespace {

long this_process() {
#ifdef _WIN32
  return 0;
#else
  return static_cast<long>(getpid());
#endif
}

// Waking a thread up takes about as long.
constexpr std::chrono::microseconds awake{50};

// False where it takes longer.
template <class Happened>
bool happens_soon(Happened happened) {
  const auto end = std::chrono::steady_clock::now() + awake;
  while (!happened()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

}  // namespace

Crew::Crew() : process_(this_process()) {}

Crew::~Crew() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    is_over_ = true;
    ++calls_;
  }
  called_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Crew::is_out_of_reach() const { return is_busy_ || process_ != this_process(); }

void Crew::grow(std::size_t helpers) {
  try {
    while (threads_.size() < helpers) threads_.emplace_back(&Crew::help, this, threads_.size() + 1);
  } catch (const std::system_error&) {
    // The system grants no more threads: those that run share all of the work.
  }
}

void Crew::run(std::size_t helpers, const Work& work) {
  is_busy_ = true;
  grow(helpers);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    work_ = &work;
    asked_ = helpers;
    is_open_ = true;
    ++calls_;
  }
  called_.notify_all();
  work(0);
  wait_for_end();
  is_busy_ = false;
}

void Crew::wait_for_end() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    is_open_ = false;
  }
  if (happens_soon([this] { return active_ == 0; })) return;
  std::unique_lock<std::mutex> lock(mutex_);
  ended_.wait(lock, [this] { return active_ == 0; });
}

void Crew::wait_for_call(std::size_t seen) {
  if (happens_soon([&] { return calls_ != seen; })) return;
  std::unique_lock<std::mutex> lock(mutex_);
  called_.wait(lock, [&] { return calls_ != seen; });
}

void Crew::help(std::size_t worker) {
  for (std::size_t seen = 0;;) {
    wait_for_call(seen);
    std::unique_lock<std::mutex> lock(mutex_);
    if (is_over_) return;
    seen = calls_;
    if (!is_open_ || worker > asked_) continue;
    ++active_;
    const Work& work = *work_;
    lock.unlock();
    work(worker);
    lock.lock();
    if (--active_ == 0) ended_.notify_one();
  }
}

}  // namespace glmpp
