// Bordered informations and their factors, between R and the core.

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "convert.h"
#include "open_problem.h"

namespace glmpp {

using Rcpp::IntegerVector;
using Rcpp::List;
using Rcpp::Named;
using Rcpp::NumericVector;

namespace {

IntegerVector as_integers(const std::vector<std::size_t>& values) {
  IntegerVector made(static_cast<R_xlen_t>(values.size()));
  std::transform(values.begin(), values.end(), made.begin(),
                 [](std::size_t value) { return static_cast<int>(value); });
  return made;
}

std::vector<std::size_t> as_sizes(const IntegerVector& values) {
  return std::vector<std::size_t>(values.begin(), values.end());
}

[[noreturn]] void stop_malformed() { Rcpp::stop("this is not the factor of an information"); }

// Ascending from 0 to `end`, an element more than there are of `count`.
void check_starts(const std::vector<std::size_t>& starts, std::size_t count, std::size_t end) {
  if (starts.size() != count + 1 || starts.front() != 0 || starts.back() != end ||
      !std::is_sorted(starts.begin(), starts.end()))
    stop_malformed();
}

void check_below(const std::vector<std::size_t>& values, std::size_t limit) {
  for (std::size_t value : values)
    if (value >= limit) stop_malformed();
}

// Lists come from saved objects too.
void check_shape(const BorderedShape& shape) {
  const std::size_t inner = shape.inner.size();
  if (shape.size != inner + shape.border.size() || shape.cell_start.empty()) stop_malformed();
  std::vector<char> is_there(shape.size, 0);
  for (const auto& places : {shape.inner, shape.border})
    for (std::size_t j : places) {
      if (j >= shape.size || is_there[j]) stop_malformed();
      is_there[j] = 1;
    }
  check_starts(shape.cell_start, shape.cell_start.size() - 1, inner);
  check_starts(shape.row_start, inner, shape.column.size());
  for (int b : shape.column)
    if (b < 0 || static_cast<std::size_t>(b) >= shape.border.size()) stop_malformed();
  for (std::size_t c = 0; c < shape.cells(); ++c)
    for (std::size_t k = shape.cell_start[c]; k < shape.cell_start[c + 1]; ++k)
      if (shape.row_start[k + 1] - shape.row_start[k] !=
          shape.row_start[shape.cell_start[c] + 1] - shape.row_start[shape.cell_start[c]])
        stop_malformed();
}

List from_combinations(const InformationFactor& factor) {
  List made(static_cast<R_xlen_t>(factor.combinations().size()));
  for (R_xlen_t k = 0; k < made.size(); ++k) {
    const Combination& parts = factor.combinations()[static_cast<std::size_t>(k)];
    IntegerVector column(static_cast<R_xlen_t>(parts.size()));
    NumericVector value(column.size());
    for (R_xlen_t e = 0; e < column.size(); ++e) {
      column[e] = static_cast<int>(parts[static_cast<std::size_t>(e)].first) + 1;
      value[e] = parts[static_cast<std::size_t>(e)].second;
    }
    made[k] = List::create(Named("column") = column, Named("value") = value);
  }
  return made;
}

}  // namespace

SEXP from_information(const Information& information) {
  if (!information.is_bordered()) return from_matrix(information.matrix());
  const Matrix& corner = information.corner();
  const std::size_t blocks = information.blocks().size(), rows = information.rows().size();
  NumericVector made(
      Rcpp::no_init(static_cast<R_xlen_t>(blocks + rows + corner.rows() * corner.cols())));
  std::copy(information.blocks().begin(), information.blocks().end(), made.begin());
  std::copy(information.rows().begin(), information.rows().end(), made.begin() + blocks);
  std::copy_n(corner.data(), corner.rows() * corner.cols(), made.begin() + blocks + rows);
  return made;
}

Information as_bordered_information(SEXP values, std::shared_ptr<const BorderedShape> shape,
                                    const char* name) {
  const NumericVector read(values);
  Information made(std::move(shape));
  const std::size_t blocks = made.blocks().size(), rows = made.rows().size(),
                    corner = made.corner().rows() * made.corner().cols();
  if (static_cast<std::size_t>(read.size()) != blocks + rows + corner)
    Rcpp::stop("a pass must return `%s` with %g numbers", name,
               static_cast<double>(blocks + rows + corner));
  std::copy_n(read.begin(), blocks, made.blocks().begin());
  std::copy_n(read.begin() + blocks, rows, made.rows().begin());
  std::copy_n(read.begin() + blocks + rows, corner, made.corner().data());
  return made;
}

SEXP from_bordered(const InformationFactor& factor) {
  const BorderedFactor* bordered = factor.bordered();
  if (!bordered) return R_NilValue;
  const BorderedShape& shape = bordered->shape();
  const bool has_single_cells = shape.cells() == shape.inner.size(), full = shape.is_full;
  IntegerVector column;
  if (!full) column = IntegerVector(shape.column.begin(), shape.column.end());
  return List::create(
      Named("size") = static_cast<double>(shape.size), Named("inner") = from_positions(shape.inner),
      Named("cell_start") = has_single_cells ? R_NilValue : SEXP(as_integers(shape.cell_start)),
      Named("border") = from_positions(shape.border),
      Named("row_start") = full ? R_NilValue : SEXP(as_integers(shape.row_start)),
      Named("column") = full ? R_NilValue : SEXP(column), Named("inverse") = bordered->inverse(),
      Named("solved") = bordered->solved(),
      Named("used_border") = as_integers(bordered->used_border()),
      Named("root") = from_matrix(bordered->root()),
      Named("combinations") = from_combinations(factor));
}

BorderedFactor as_bordered(const List& list) {
  auto shape = std::make_shared<BorderedShape>();
  shape->size = static_cast<std::size_t>(Rcpp::as<double>(list["size"]));
  shape->inner = as_positions(list["inner"]);
  shape->border = as_positions(list["border"]);
  const std::size_t inner = shape->inner.size(), border = shape->border.size();
  SEXP cell_start = list["cell_start"], row_start = list["row_start"];
  if (Rf_isNull(cell_start)) {
    shape->cell_start.resize(inner + 1);
    std::iota(shape->cell_start.begin(), shape->cell_start.end(), std::size_t{0});
  } else {
    shape->cell_start = as_sizes(cell_start);
  }
  if (Rf_isNull(row_start)) {
    for (std::size_t k = 0; k <= inner; ++k) shape->row_start.push_back(k * border);
    shape->column.resize(inner * border);
    for (std::size_t e = 0; e < shape->column.size(); ++e)
      shape->column[e] = static_cast<int>(e % border);
  } else {
    shape->row_start = as_sizes(row_start);
    shape->column = Rcpp::as<std::vector<int>>(list["column"]);
  }
  check_shape(*shape);
  shape->finish();
  auto inverse = Rcpp::as<std::vector<double>>(list["inverse"]);
  auto solved = Rcpp::as<std::vector<double>>(list["solved"]);
  auto used = as_sizes(list["used_border"]);
  check_below(used, border);
  Matrix root = as_matrix(list["root"]);
  if (inverse.size() != shape->block_start.back() || solved.size() != shape->column.size() ||
      root.rows() != used.size() || root.cols() != used.size())
    stop_malformed();
  return BorderedFactor(std::move(shape), std::move(inverse), std::move(solved), std::move(used),
                        std::move(root));
}

}  // namespace glmpp
