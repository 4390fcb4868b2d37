#ifndef GLMPP_OBJECTIVE_UNIT_WEIGHTS_H
#define GLMPP_OBJECTIVE_UNIT_WEIGHTS_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace glmpp {

/// The weights that replicates of a fit give to units, which are rows or clusters of them:
///   pairs        how often each is drawn, in as many draws with replacement as there are units
///   multiplier   standard exponential numbers, over their mean
///   leave_out    0 for the units of fold `replicate`, else 1
///   given        what was given
/// The first two are functions of seed and replicate alone, in any order and on any thread.
class UnitWeights {
 public:
  /// `folds`, for leave_out: the fold of each unit, from 0; `given`, for that: its weight. Throws std::invalid_argument for an
  /// unknown kind.
  UnitWeights(const std::string& kind, std::size_t units, std::uint64_t seed,
              std::vector<int> folds = {}, std::vector<double> given = {});

  bool leaves_out() const { return kind_ == Kind::leave_out; }
  void fill(std::size_t replicate, std::vector<double>& weights) const;
  /// 1 for the units of the fold that leave_out leaves out, else 0.
  void fill_left_out(std::size_t replicate, std::vector<double>& weights) const;

 private:
  enum class Kind { pairs, multiplier, leave_out, given };
  void fill_folds(std::size_t replicate, double inside, double outside,
                  std::vector<double>& weights) const;

  Kind kind_;
  std::size_t units_;
  std::uint64_t seed_;
  std::vector<int> folds_;
  std::vector<double> given_;
};

}  // namespace glmpp

#endif
