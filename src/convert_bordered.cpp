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
  shape->finish();
  auto inverse = Rcpp::as<std::vector<double>>(list["inverse"]);
  auto solved = Rcpp::as<std::vector<double>>(list["solved"]);
  if (inverse.size() != shape->block_start.back() || solved.size() != shape->column.size())
    Rcpp::stop("this is not the factor of an information");
  return BorderedFactor(std::move(shape), std::move(inverse), std::move(solved),
                        as_sizes(list["used_border"]), as_matrix(list["root"]));
}

}  // namespace glmpp
