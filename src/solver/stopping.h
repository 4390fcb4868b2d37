#ifndef GLMPP_SOLVER_STOPPING_H
#define GLMPP_SOLVER_STOPPING_H

#include <cmath>
#include <limits>

#include "control.h"
#include "direction.h"

namespace glmpp {

/// The decrement of a step of `step_tolerance` standard errors; of very many coefficients, whose squared steps add up, of a tenth
/// of that in each.
inline double negligible_decrement(const Control& control, double rows, const Point& point) {
  constexpr double few = 100.0;
  const double scale = std::fabs(point.sums.deviance) / std::fmax(rows, 1.0);
  const double parts = std::fmax(1.0, static_cast<double>(point.coefficients.size()) / few);
  return control.step_tolerance * control.step_tolerance * scale * parts;
}

inline bool is_negligible(const Control& control, double rows, const Point& point,
                          double decrement) {
  return decrement <= negligible_decrement(control, rows, point);
}

/// glm() stops when the deviance settles, where coefficients may still move in their fifth digit and
/// standard errors in their fourth. Here the next step must be negligible too, unless rounding keeps
/// it from shrinking.
class Stopping {
 public:
  Stopping(const Control& control, double rows, bool contracts_quadratically)
      : control_(control), rows_(rows), contracts_quadratically_(contracts_quadratically) {}

  bool is_done(const Point& point, const Step& next) {
    if (point.is_start || control_.takes_all_iterations) return false;
    const bool negligible = is_negligible(control_, rows_, point, next.decrement);
    if (!contracts_quadratically_) {
      deviance_settled_ = negligible;
      return negligible;
    }
    const double deviance = point.sums.deviance;
    const bool settled =
        std::fabs(deviance - last_deviance_) / (std::fabs(deviance) + 0.1) < control_.epsilon;
    deviance_settled_ |= settled;
    const bool is_still = std::fabs(deviance - last_deviance_) <
                          control_.epsilon * (std::fabs(deviance) + deviance_floor());
    const bool stagnates = is_still && next.decrement > 0.9 * last_decrement_;
    // Newton's method contracts ever faster unless the optimum is infinitely far.
    constexpr int crawled = 4;
    crawl_ = is_still && next.decrement > 0.1 * last_decrement_ ? crawl_ + 1 : 0;
    const bool crawls = control_.stop_crawling && crawl_ >= crawled;
    last_deviance_ = deviance;
    last_decrement_ = next.decrement;
    if (negligible) deviance_settled_ = true;
    return negligible || stagnates || crawls;
  }

  bool deviance_settled() const { return deviance_settled_; }
  double deviance_floor() const { return 0.1 * control_.deviance_unit; }

 private:
  const Control& control_;
  double rows_;
  bool contracts_quadratically_;
  double last_deviance_ = std::numeric_limits<double>::infinity();
  double last_decrement_ = std::numeric_limits<double>::infinity();
  bool deviance_settled_ = false;
  int crawl_ = 0;
};

}  // namespace glmpp

#endif
