#include "model_columns.h"

#include <algorithm>
#include <utility>

#include "parallel/lane_plan.h"
#include "parallel/lanes.h"
#include "row_quantities.h"

namespace glmpp {

namespace {

// Operations of the row model, as in MemoryObjective.
constexpr double row_model_cost = 200.0;
// A fetched column with fewer values that are not 0 is stored by these.
constexpr double sparse_share = 0.25;
// Columns are fetched so many at a time.
constexpr std::size_t batch = 32;

bool is_constant_one(const ColumnView& view, std::size_t rows) {
  return view.kind == ColumnView::Kind::sparse && view.count == rows &&
         std::all_of(view.values, view.values + view.count,
                     [](double value) { return value == 1.0; });
}

}  // namespace

ModelColumns::ModelColumns(const Design& design, const RowModel& model, const Response& response,
                           unsigned threads, std::function<void()> poll)
    : design_(design),
      model_(model),
      response_(response),
      how_{threads, std::move(poll)},
      prior_(design.rows()),
      y_(design.rows()),
      views_(design.column_views()),
      mean_(design.rows()),
      weight_(design.rows()),
      residual_(design.rows()),
      working_residual_(design.rows()) {
  response_.y.read({0, rows()}, y_.data());
  response_.prior_weights.read({0, rows()}, prior_.data());
  for (ColumnView& view : views_)
    if (is_constant_one(view, rows())) view = ColumnView::constant(rows());
}

bool ModelColumns::move_to(const std::vector<double>& coefficients) {
  std::vector<std::size_t> used;
  for (std::size_t j = 0; j < coefficients.size(); ++j)
    if (coefficients[j] != 0.0) used.push_back(j);
  fetch(used);
  std::vector<double> eta(rows(), 0.0);
  for (std::size_t j : used) views_[j].add_to(coefficients[j], eta.data());
  return evaluate(std::move(eta));
}

bool ModelColumns::evaluate(std::vector<double> eta) {
  eta_ = std::move(eta);
  std::vector<double> shifted;
  if (response_.offset) {
    shifted = eta_;
    for (std::size_t i = 0; i < rows(); ++i) shifted[i] += response_.offset[i];
  }
  const double* predictor = response_.offset ? shifted.data() : eta_.data();
  const auto evaluate_rows = [&](RowRange range) {
    WorkingRows out{mean_.data() + range.begin, weight_.data() + range.begin,
                    residual_.data() + range.begin, working_residual_.data() + range.begin};
    return model_.evaluate({range.count, predictor + range.begin, y_.data() + range.begin,
                            prior_.data() + range.begin},
                           out);
  };
  if (!model_.works_by_ranges()) {
    const RowSums sums = evaluate_rows({0, rows()});
    deviance_ = sums.deviance;
    return sums.valid;
  }
  const LanePlan plan(rows(), row_model_cost, 1);
  std::vector<RowSums> sums(plan.count());
  run_lanes(
      plan.count(), how_.threads,
      [&](std::size_t lane, std::size_t) { sums[lane] = evaluate_rows(plan.lane(lane)); },
      how_.poll);
  deviance_ = 0.0;
  bool valid = true;
  for (const RowSums& lane : sums) {
    deviance_ += lane.deviance;
    valid = valid && lane.valid;
  }
  return valid;
}

void ModelColumns::own(std::size_t coefficient, const double* values) {
  const auto filled = static_cast<std::size_t>(
      rows() - static_cast<std::size_t>(std::count(values, values + rows(), 0.0)));
  if (static_cast<double>(filled) > sparse_share * static_cast<double>(rows())) {
    values_.push_back(std::make_unique<std::vector<double>>(values, values + rows()));
    views_[coefficient] = ColumnView::dense(rows(), values_.back()->data());
    return;
  }
  auto kept = std::make_unique<std::vector<double>>();
  auto places = std::make_unique<std::vector<int>>();
  for (std::size_t i = 0; i < rows(); ++i) {
    if (values[i] == 0.0) continue;
    kept->push_back(values[i]);
    places->push_back(static_cast<int>(i));
  }
  views_[coefficient] = ColumnView::sparse(kept->size(), places->data(), kept->data());
  values_.push_back(std::move(kept));
  places_.push_back(std::move(places));
}

void ModelColumns::fetch(const std::vector<std::size_t>& columns) {
  std::vector<std::size_t> missing;
  std::copy_if(columns.begin(), columns.end(), std::back_inserter(missing),
               [this](std::size_t j) { return !views_[j].is_at_hand(); });
  std::sort(missing.begin(), missing.end());
  for (std::size_t first = 0; first < missing.size(); first += batch) {
    const std::size_t count = std::min(batch, missing.size() - first);
    const std::vector<std::size_t> some(
        missing.begin() + static_cast<std::ptrdiff_t>(first),
        missing.begin() + static_cast<std::ptrdiff_t>(first + count));
    std::vector<double> expanded(count * rows());
    expand_design(*design_.restricted(some), nullptr, how_, expanded.data());
    for (std::size_t k = 0; k < count; ++k) own(some[k], expanded.data() + k * rows());
  }
}

void ModelColumns::visit_columns(const std::vector<std::size_t>& columns,
                                 const std::function<void(std::size_t)>& visit) const {
  double values = 0.0;
  for (std::size_t j : columns) values += static_cast<double>(views_[j].count);
  const LanePlan plan(columns.size(), 4.0 * values / static_cast<double>(columns.size() + 1), 1);
  run_lanes(
      plan.count(), how_.threads,
      [&](std::size_t lane, std::size_t) {
        const RowRange range = plan.lane(lane);
        for (std::size_t k = range.begin; k < range.begin + range.count; ++k)
          if (views_[columns[k]].is_at_hand()) visit(k);
      },
      how_.poll);
}

std::vector<ColumnProducts> ModelColumns::products(const std::vector<std::size_t>& columns) const {
  std::vector<ColumnProducts> out(columns.size());
  visit_columns(columns, [&](std::size_t k) {
    out[k] = views_[columns[k]].products(residual_.data(), weight_.data());
  });
  return out;
}

void ModelColumns::scores(const std::vector<std::size_t>& columns, const std::vector<double>& v,
                          std::vector<double>& out) {
  out.assign(columns.size(), 0.0);
  visit_columns(columns, [&](std::size_t k) { out[k] = views_[columns[k]].times(v.data()); });
  std::vector<std::size_t> stored_otherwise, slots;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    if (views_[columns[k]].is_at_hand()) continue;
    stored_otherwise.push_back(columns[k]);
    slots.push_back(k);
  }
  if (stored_otherwise.empty()) return;
  const std::vector<double> rest =
      cross_product(*design_.restricted(stored_otherwise), v.data(), how_);
  for (std::size_t k = 0; k < slots.size(); ++k) out[slots[k]] = rest[k];
}

}  // namespace glmpp
