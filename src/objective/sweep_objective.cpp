#include "sweep_objective.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "parallel/tiles.h"

namespace glmpp {

namespace {

double count_used_rows(const Design& design, const Column& weights) {
  if (weights.is_constant()) return static_cast<double>(design.rows());
  double count = 0.0;
  std::vector<double> values(design.tile_rows());
  for (RowRange rows : Tiles({0, design.rows()}, design.tile_rows())) {
    weights.read(rows, values.data());
    for (std::size_t i = 0; i < rows.count; ++i) count += values[i] != 0.0;
  }
  return count;
}

void copy_numbers(const Sums& from, Sums& to) {
  for (const SumField& field : sum_fields())
    if (field.number) to.*field.number = from.*field.number;
}

}  // namespace

SweepObjective::SweepObjective(const Design& design, Sweep how)
    : design_(design),
      stride_(how.stride),
      sweeper_(design, std::move(how), [this] { return make_worker(); }) {}

void SweepObjective::describe_rows(const Column& weights) {
  traits_.effective_rows = count_used_rows(design_, weights) / static_cast<double>(stride_);
  const double score = row_cost(need_score), sums = row_cost(need_score | need_information);
  const double factor = design_.factor_cost() / std::max(traits_.effective_rows, 1.0);
  traits_.information_share = 1.0 - score / (sums + factor);
  traits_.summing_share = 1.0 - score / sums;
}

unsigned SweepObjective::fillable(PassPoint, unsigned need) const {
  return need &
         ~static_cast<unsigned>(need_exact_score | need_totals | need_parameter | need_adjustment);
}

void SweepObjective::evaluate(const std::vector<double>& coefficients, unsigned need, Sums& sums) {
  pass(PassPoint::coefficients, coefficients, need, sums);
}

void SweepObjective::evaluate_start(unsigned need, Sums& sums) {
  pass(PassPoint::start, std::vector<double>(coefficient_count(), 0.0), need, sums);
}

void SweepObjective::pass(PassPoint point, const std::vector<double>& coefficients, unsigned need,
                          Sums& sums) {
  need_ = sums.filled = need = fillable(point, need);
  sums.valid = begin(point, coefficients);
  if (!sums.valid) return;
  const std::size_t p = coefficient_count();
  TotalsShape shape{values_size(need)};
  if (need & need_root) shape.root = p;
  if (need & need_exact_score) shape.compensated = p;
  LaneTotals& total = sweeper_.run(row_cost(need), shape);

  sums.deviance = total.deviance;
  sums.valid = total.valid;
  if (need & need_root) sums.root = std::move(total.root);
  if (need & (need_totals | need_parameter)) copy_numbers(total.numbers, sums);
  collect(total, sums);
  sums.valid &= std::isfinite(sums.deviance);
  if (need & need_score)
    for (double value : sums.score) sums.valid &= std::isfinite(value);
}

}  // namespace glmpp
