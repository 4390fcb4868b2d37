#include "convert.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <string>
#include <utility>

#include "design/categorical_block.h"
#include "design/dense_block.h"
#include "design/sparse_block.h"
#include "family/model_factory.h"
#include "family/named_list.h"
#include "objective/ridge.h"
#include "open_problem.h"
#include "r_family.h"

namespace glmpp {

using Rcpp::IntegerVector;
using Rcpp::List;
using Rcpp::NumericVector;

// Asking costs more than a pass over a few rows.
void check_interrupt() {
  using Clock = std::chrono::steady_clock;
  constexpr std::chrono::milliseconds pause(10);
  static Clock::time_point last = Clock::now();
  const Clock::time_point now = Clock::now();
  if (now - last < pause) return;
  last = now;
  Rcpp::checkUserInterrupt();
}

Column as_column(SEXP variable, R_xlen_t first) {
  switch (TYPEOF(variable)) {
    case NILSXP: return Column::constant();
    case REALSXP: return Column::real(REAL(variable) + first);
    case INTSXP: return Column::integer(INTEGER(variable) + first);
    case LGLSXP: return Column::integer(LOGICAL(variable) + first);
    default: Rcpp::stop("a column must be double, integer or logical");
  }
}

std::vector<std::size_t> as_positions(const IntegerVector& positions) {
  std::vector<std::size_t> from_zero(static_cast<std::size_t>(positions.size()));
  std::transform(positions.begin(), positions.end(), from_zero.begin(),
                 [](int position) { return static_cast<std::size_t>(position - 1); });
  return from_zero;
}

IntegerVector from_positions(const std::vector<std::size_t>& positions) {
  IntegerVector from_one(positions.size());
  for (std::size_t k = 0; k < positions.size(); ++k)
    from_one[k] = static_cast<int>(positions[k]) + 1;
  return from_one;
}

namespace {

using Variables = std::vector<VariableView>;

Column as_column(const VariableView& variable, std::size_t first) {
  if (variable.real) return Column::real(variable.real + first);
  if (!variable.integer) Rcpp::stop("a column must be double, integer or logical");
  return Column::integer(variable.integer + first);
}

// Parts of products: `variable` counts from 1, 0 is the constant; `column` counts from 1.
ColumnProduct as_product(const Variables& variables, const IntegerVector& variable,
                         const IntegerVector& column, R_xlen_t begin, R_xlen_t end,
                         std::size_t rows) {
  if (end > variable.size() || end > column.size())
    Rcpp::stop("a block names fewer variables than it has columns");
  ColumnProduct product;
  for (R_xlen_t e = begin; e < end; ++e)
    product.push_back(variable[e] == 0
                          ? Column::constant()
                          : as_column(variables[variable[e] - 1], (column[e] - 1) * rows));
  return product;
}

std::unique_ptr<Block> as_dense(const List& block, const Variables& variables, std::size_t rows) {
  const IntegerVector start = element(block, "start"), variable = element(block, "variable"),
                      column = element(block, "column");
  const R_xlen_t count = std::max<R_xlen_t>(start.size() - 1, 0);
  std::vector<ColumnProduct> columns;
  columns.reserve(static_cast<std::size_t>(count));
  for (R_xlen_t k = 0; k < count; ++k)
    columns.push_back(as_product(variables, variable, column, start[k], start[k + 1], rows));
  return std::make_unique<DenseBlock>(std::move(columns), as_positions(element(block, "position")));
}

// Each coefficient a cell, from `contrast_first` on, or a sparse matrix of cells and coefficients.
CoefficientMap as_contrasts(const List& block) {
  const auto cells = static_cast<std::size_t>(Rcpp::as<int>(block["cells"]));
  auto positions = as_positions(block["position"]);
  SEXP first = element(block, "contrast_first");
  if (!Rf_isNull(first))
    return CoefficientMap::shifted(cells, std::move(positions),
                                   static_cast<std::size_t>(Rcpp::as<int>(first) - 1));
  const IntegerVector start = block["contrast_start"];
  const NumericVector value = block["contrast_value"];
  return CoefficientMap(
      cells, std::move(positions), std::vector<std::size_t>(start.begin(), start.end()),
      as_positions(block["contrast_row"]), std::vector<double>(value.begin(), value.end()));
}

std::unique_ptr<Block> as_categorical(const List& block, const Variables& variables,
                                      std::size_t rows) {
  const IntegerVector factor = block["factor"], levels = block["levels"], first = block["first"];
  std::vector<FactorCodes> factors;
  for (R_xlen_t k = 0; k < factor.size(); ++k)
    factors.push_back({variables[factor[k] - 1].integer, first[k], levels[k]});
  const IntegerVector variable = block["variable"], column = block["column"];
  return std::make_unique<CategoricalBlock>(
      std::move(factors), as_product(variables, variable, column, 0, variable.size(), rows),
      as_contrasts(block));
}

std::unique_ptr<Block> as_sparse(const List& block, const Variables&, std::size_t rows) {
  const IntegerVector start = block["p"], row = block["i"], position = block["position"];
  const NumericVector value = block["x"];
  return std::make_unique<SparseBlock>(
      CompressedColumns{rows, static_cast<std::size_t>(position.size()), start.begin(), row.begin(),
                        value.begin()},
      as_positions(position));
}

using BlockMaker = std::unique_ptr<Block> (*)(const List&, const Variables&, std::size_t);

const NamedList<BlockMaker> block_makers = {
    {"dense", as_dense}, {"categorical", as_categorical}, {"sparse", as_sparse}};

const NamedList<Structure> structures = {{"dense", Structure::dense},
                                         {"bordered", Structure::bordered},
                                         {"bordered_sparse", Structure::bordered_sparse},
                                         {"bordered_full", Structure::bordered_full}};

std::vector<double> as_doubles(SEXP values) {
  return Rf_isNull(values) ? std::vector<double>() : Rcpp::as<std::vector<double>>(values);
}

}  // namespace

Variables as_variables(const List& variables) {
  Variables views;
  for (R_xlen_t k = 0; k < variables.size(); ++k) {
    SEXP variable = variables[k];
    VariableView view;
    if (TYPEOF(variable) == REALSXP) view.real = REAL(variable);
    if (TYPEOF(variable) == INTSXP) view.integer = INTEGER(variable);
    if (TYPEOF(variable) == LGLSXP) view.integer = LOGICAL(variable);
    if (Rf_isMatrix(variable)) view.columns = Rf_ncols(variable);
    if (Rf_isFactor(variable)) view.levels = Rf_nlevels(variable);
    views.push_back(view);
  }
  return views;
}

std::unique_ptr<Design> as_design(const List& design, const Variables& variables,
                                  std::size_t rows) {
  const List blocks = element(design, "blocks");
  std::vector<std::unique_ptr<Block>> made;
  for (R_xlen_t b = 0; b < blocks.size(); ++b) {
    const List block = blocks[b];
    const std::string kind = Rcpp::as<std::string>(element(block, "kind"));
    made.push_back(find_named(block_makers, kind, "kind of block")(block, variables, rows));
  }
  SEXP structure = element(design, "structure");
  return std::make_unique<Design>(
      rows, Rcpp::as<int>(design["coefficients"]), std::move(made),
      Rf_isNull(structure) ? Structure::dense
                           : find_named(structures, Rcpp::as<std::string>(structure), "structure"));
}

std::unique_ptr<Design> as_design(const List& design) {
  const double rows = Rf_asReal(element(design, "rows"));
  return as_design(design, as_variables(element(design, "variables")),
                   static_cast<std::size_t>(rows));
}

std::unique_ptr<RowGroups> as_row_groups(const List& design, const Response& response,
                                         int threads) {
  const double rows = Rf_asReal(element(design, "rows"));
  return RowGroups::find(as_variables(element(design, "variables")), static_cast<std::size_t>(rows),
                         response.y, response.prior_weights, threads, check_interrupt);
}

std::unique_ptr<RowModel> as_row_model(const List& family) {
  SEXP maker = element(family, "row_model");
  if (!Rf_isNull(maker))
    return (*Rcpp::XPtr<RowModelMaker>(maker))(Rcpp::as<std::vector<double>>(family["parameters"]));
  if (is_true(family, "is_callback"))
    return std::make_unique<CallbackFamily>(Rcpp::as<List>(family["callbacks"]));
  ModelName name;
  name.variance = Rcpp::as<std::string>(element(family, "variance"));
  name.link = Rcpp::as<std::string>(element(family, "link"));
  name.theta = Rf_asReal(element(family, "theta"));
  name.power = Rf_asReal(element(family, "power"));
  if (SEXP dispersion = element(family, "dispersion"); !Rf_isNull(dispersion))
    name.dispersion = Rf_asReal(dispersion);
  return make_row_model(name);
}

SEXP of_rows(SEXP values, std::size_t rows) {
  if (!Rf_isNull(values) && static_cast<std::size_t>(Rf_xlength(values)) != rows)
    Rcpp::stop("a value for each row: %d for %d rows", Rf_xlength(values), rows);
  return values;
}

Response as_response(const List& response, std::size_t rows) {
  const auto given = [&](const char* name) { return of_rows(element(response, name), rows); };
  Response borrowed;
  borrowed.y = as_column(given("y"));
  borrowed.prior_weights = as_column(given("weights"));
  SEXP offset = given("offset"), start_eta = given("start_eta");
  if (!Rf_isNull(offset)) borrowed.offset = REAL(offset);
  if (!Rf_isNull(start_eta)) borrowed.start_eta = REAL(start_eta);
  return borrowed;
}

Start as_start(const List& start) {
  Start made;
  SEXP coefficients = element(start, "coefficients");
  made.coefficients = as_doubles(coefficients);
  made.has_coefficients = !Rf_isNull(coefficients);
  made.is_guess = is_true(start, "is_guess");
  made.anchor = as_doubles(element(start, "anchor"));
  made.middle = Rcpp::as<double>(element(start, "middle"));
  return made;
}

Control as_control(const List& control) {
  constexpr double last_step = 1e-8;
  const List settings = element(control, "settings"), solver = element(settings, "solver"),
             options = element(solver, "options");
  const auto number = [&](const char* name) { return Rf_asReal(element(settings, name)); };
  // Of what a solver may have its own.
  const auto own = [&](const char* name, double otherwise) {
    SEXP value = element(options, name);
    return Rf_isNull(value) ? otherwise : Rf_asReal(value);
  };
  const double mean_weight = Rf_asReal(element(control, "mean_weight"));
  SEXP given_last_step = element(settings, "last_step");
  Control made;
  made.epsilon = number("epsilon");
  made.step_tolerance = own("tolerance", number("step_tolerance"));
  made.iterations = static_cast<int>(own("iterations", number("maxit")));
  made.halvings = static_cast<int>(number("halvings"));
  made.rank_tolerance = number("rank_tolerance");
  made.threads = static_cast<unsigned>(number("threads"));
  made.takes_all_iterations = is_true(solver, "takes_all_iterations");
  made.deviance_unit = mean_weight > 0.0 ? std::min(1.0, mean_weight) : 1.0;
  made.last_step = Rf_isNull(given_last_step) ? last_step : Rf_asReal(given_last_step);
  made.only_deviance = is_true(control, "only_deviance");
  return made;
}

// Solvers that are not stochastic have none of those options.
SolverOptions as_solver_options(const List& solver) {
  SolverOptions made;
  made.name = Rcpp::as<std::string>(element(solver, "name"));
  const List options = element(solver, "options");
  if (options.containsElementNamed("epochs")) {
    made.stochastic = as_stochastic_options(options);
    return made;
  }
  auto read = [&](const char* name, auto& value) {
    SEXP given = element(options, name);
    if (!Rf_isNull(given)) value = Rcpp::as<std::decay_t<decltype(value)>>(given);
  };
  read("learning_rate", made.learning_rate);
  read("momentum", made.momentum);
  read("nesterov", made.nesterov);
  read("line_search", made.line_search);
  read("mean_gradient", made.mean_gradient);
  read("memory", made.memory);
  return made;
}

StochasticOptions as_stochastic_options(const List& options) {
  StochasticOptions made;
  if (!Rf_isNull(options["learning_rate"])) made.learning_rate = options["learning_rate"];
  made.epochs = options["epochs"];
  made.batch_size = static_cast<std::size_t>(Rcpp::as<double>(options["batch_size"]));
  made.schedule = Rcpp::as<std::string>(options["schedule"]);
  made.decay = options["decay"];
  made.momentum = options["momentum"];
  made.averaging = Rcpp::as<bool>(options["averaging"]);
  made.implicit = Rcpp::as<bool>(options["implicit"]);
  made.mean_gradient = Rcpp::as<bool>(options["mean_gradient"]);
  made.shuffle = Rcpp::as<bool>(options["shuffle"]);
  made.seed = static_cast<std::uint64_t>(Rcpp::as<double>(options["seed"]));
  if (!Rf_isNull(options["tolerance"])) made.tolerance = options["tolerance"];
  return made;
}

namespace {

using PenaltyReader = std::unique_ptr<Penalty> (*)(const List&);

std::unique_ptr<Penalty> make_ridge(const List& penalty) {
  return std::make_unique<Ridge>(Rcpp::as<std::vector<double>>(penalty["strength"]));
}

const NamedList<PenaltyReader> penalties = {{"ridge", make_ridge}};

}  // namespace

std::unique_ptr<Penalty> as_penalty(SEXP penalty) {
  if (Rf_isNull(penalty)) return nullptr;
  const List described(penalty);
  SEXP maker = element(described, "maker");
  if (!Rf_isNull(maker))
    return (*Rcpp::XPtr<PenaltyMaker>(maker))(Rcpp::as<std::vector<double>>(described["strength"]));
  return find_named(penalties, Rcpp::as<std::string>(described["name"]), "penalty")(described);
}

SeparablePenalty as_separable_penalty(const List& penalty, std::size_t coefficients) {
  const List columns = penalty["columns"], coding = penalty["coding"];
  const NumericVector norm = penalty["norm"], square = penalty["square"], lower = penalty["lower"],
                      upper = penalty["upper"];
  std::vector<PenaltyGroup> groups(static_cast<std::size_t>(columns.size()));
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto k = static_cast<R_xlen_t>(g);
    groups[g].columns = as_positions(columns[k]);
    groups[g].coding = as_matrix(coding[k]);
    groups[g].norm = norm[k];
    groups[g].square = square[k];
    groups[g].lower = lower[k];
    groups[g].upper = upper[k];
  }
  return SeparablePenalty(std::move(groups), coefficients);
}

ProximalControl as_proximal_control(const List& request) {
  ProximalControl control;
  control.weight = request["weight"];
  control.tolerance = request["tolerance"];
  control.iterations = Rcpp::as<int>(request["iterations"]);
  control.free_scale = Rcpp::as<std::vector<double>>(request["scale"]);
  return control;
}

std::unique_ptr<SeparableTerm> as_separable_term(SEXP request) {
  if (Rf_isNull(request)) return nullptr;
  const List given(request);
  const ProximalControl control = as_proximal_control(given);
  return std::make_unique<SeparableTerm>(SeparableTerm{
      as_separable_penalty(given["penalty"], control.free_scale.size()),
      Rcpp::as<double>(given["lambda"]), control, is_true(given, "is_wide"),
      Rcpp::as<std::vector<double>>(given["norm"]), Rcpp::as<std::vector<double>>(given["mean"])});
}

Bend as_bend(SEXP bend) {
  Bend made;
  if (Rf_isNull(bend)) return made;
  const List described(bend);
  made.kind = Rcpp::as<std::string>(described["kind"]);
  made.height = described["height"];
  made.target = described["target"];
  made.target_weight = described["target_weight"];
  return made;
}

SEXP from_bend(const Bend& bend) {
  if (bend.kind == "none") return R_NilValue;
  return List::create(Rcpp::Named("kind") = bend.kind, Rcpp::Named("height") = bend.height,
                      Rcpp::Named("target") = bend.target,
                      Rcpp::Named("target_weight") = bend.target_weight);
}

Matrix as_matrix(const Rcpp::NumericMatrix& matrix) {
  Matrix made(matrix.nrow(), matrix.ncol());
  std::copy(matrix.begin(), matrix.end(), made.data());
  return made;
}

// score' I^-1 score; NaN where no pass has told the score.
static double newton_decrement(const InformationFactor& factor, const Point& point) {
  if (point.sums.score.size() != point.coefficients.size()) return R_NaN;
  return newton_step(factor, point).decrement;
}

void add_factor(const InformationFactor& factor, ListBuilder& list) {
  list.add("root", from_matrix(factor.root()))
      .add("bordered", from_bordered(factor))
      .add("estimable", from_positions(factor.estimable()))
      .add("aliased", from_positions(factor.aliased()))
      .add("condition", factor.condition());
}

void add_solution(const Fit& fit, ListBuilder& list) {
  const Solution& solution = fit.solution;
  const SEXP later = R_NilValue;
  list.add("converged", solution.converged)
      .add("deviance", solution.point.sums.deviance)
      .add("separation", later)
      .add("common_deviance", later)
      .add("null_deviance", later)
      .add("estimable", from_positions(fit.factor.estimable()))
      .add("aliased", from_positions(fit.aliased))
      .add("condition", fit.factor.condition())
      .add("reason", name_of(solution.reason))
      .add("boundary", solution.boundary)
      .add("constraints", later)
      .add("log_likelihood", later)
      .add("decrement", newton_decrement(fit.factor, solution.point))
      .add("coefficients", solution.point.coefficients)
      .add("iterations", solution.iterations)
      .add("effective_rows", fit.effective_rows);
}

void add_details(const Fit& fit, ListBuilder& list) {
  const Solution& solution = fit.solution;
  list.add("bordered", from_bordered(fit.factor))
      .add("root", from_matrix(fit.factor.root()))
      .add("factorization", fit.is_accurate ? "qr" : "cholesky")
      .add("score", solution.point.sums.score)
      .add("boundary_rows", from_positions(fit.boundary_rows))
      .add("falls", NumericVector::create(solution.fall_before, solution.last_fall))
      .add("passes", solution.passes)
      .add("violation", fit.violation);
}

void add_sums(const Sums& sums, ListBuilder& list) {
  list.add("deviance", sums.deviance).add("valid", sums.valid);
  for (const SumField& field : sum_fields()) {
    if (!sums.has(field.need)) continue;
    if (field.number) list.add(field.name, sums.*field.number);
    if (field.vector) list.add(field.name, sums.*field.vector);
    if (field.information) list.add(field.name, from_information(sums.*field.information));
    if (field.matrix) list.add(field.name, from_matrix(sums.*field.matrix));
  }
}

static SEXP member(const List& list, const char* name) {
  if (!list.containsElementNamed(name)) Rcpp::stop("a pass must return `%s`", name);
  return list[name];
}

static Matrix as_square_matrix(SEXP value, std::size_t coefficients, const char* name) {
  const Rcpp::NumericMatrix read(value);
  if (read.nrow() != static_cast<int>(coefficients) ||
      read.ncol() != static_cast<int>(coefficients))
    Rcpp::stop("a pass must return `%s` as a square matrix, one column per coefficient", name);
  return as_matrix(read);
}

void read_sums(const List& list, unsigned need, std::size_t coefficients,
               const std::shared_ptr<const BorderedShape>& shape, Sums& sums) {
  sums.filled = need;
  sums.deviance = Rcpp::as<double>(member(list, "deviance"));
  sums.valid = Rcpp::as<bool>(member(list, "valid")) && std::isfinite(sums.deviance);
  for (const SumField& field : sum_fields()) {
    if (!sums.has(field.need)) continue;
    SEXP value = member(list, field.name);
    if (field.number) sums.*field.number = Rcpp::as<double>(value);
    if (field.vector) {
      std::vector<double>& read = sums.*field.vector;
      read = Rcpp::as<std::vector<double>>(value);
      if (read.size() != coefficients)
        Rcpp::stop("a pass must return `%s` with one element per coefficient", field.name);
      for (double element : read) sums.valid &= std::isfinite(element);
    }
    if (field.information && shape)
      sums.*field.information = as_bordered_information(value, shape, field.name);
    else if (field.information)
      sums.*field.information = as_square_matrix(value, coefficients, field.name);
    if (field.matrix) sums.*field.matrix = as_square_matrix(value, coefficients, field.name);
  }
}

std::unique_ptr<BiasTerms> as_bias_terms(SEXP terms) {
  if (Rf_isNull(terms)) return nullptr;
  const List list(terms);
  auto made = std::make_unique<BiasTerms>();
  made->root = as_matrix(Rcpp::NumericMatrix(static_cast<SEXP>(list["root"])));
  made->estimable = as_positions(list["estimable"]);
  made->on_slope = list["on_slope"];
  made->on_variance = list["on_variance"];
  made->with_cubes = Rcpp::as<bool>(list["with_cubes"]);
  if (made->estimable.size() > made->root.rows() || made->root.cols() < made->estimable.size())
    Rcpp::stop("the root must have a row and a column for each estimable coefficient");
  return made;
}

Rcpp::CharacterVector names_of(unsigned need) {
  Rcpp::CharacterVector names;
  for (const SumField& field : sum_fields())
    if (need & field.need) names.push_back(field.name);
  return names;
}

Rcpp::NumericMatrix from_matrix(const Matrix& matrix) {
  Rcpp::NumericMatrix made(static_cast<int>(matrix.rows()), static_cast<int>(matrix.cols()));
  std::copy_n(matrix.data(), matrix.rows() * matrix.cols(), made.begin());
  return made;
}

Sweep as_sweep(int threads) { return {static_cast<unsigned>(threads), check_interrupt}; }

}  // namespace glmpp
