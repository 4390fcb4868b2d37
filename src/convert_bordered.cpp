// Bordered informations and their factors, between R and the core.

#include <algorithm>
#include <functional>
#include <memory>
#include <numeric>
#include <utility>

#include "convert.h"
#include "linalg/dense_root.h"
#include "linalg/sparse_root.h"
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

NumericVector from_doubles(const UnsetVector& values) {
  NumericVector copied(Rcpp::no_init(static_cast<R_xlen_t>(values.size())));
  std::copy(values.begin(), values.end(), copied.begin());
  return copied;
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

// Of a dense root what is used of the border and the matrix over it, of a sparse one its values.
SEXP from_root(const ComplementRoot& root) {
  if (const auto* sparse = dynamic_cast<const SparseRoot*>(&root))
    return Rcpp::wrap(sparse->values());
  const auto& dense = dynamic_cast<const DenseRoot&>(root);
  return List::create(Named("used") = as_integers(dense.used()),
                      Named("matrix") = from_matrix(dense.root()));
}

std::shared_ptr<const ComplementRoot> as_root(SEXP root, const BorderedShape& shape) {
  if (shape.sparse) {
    auto values = Rcpp::as<std::vector<double>>(root);
    if (values.size() != shape.sparse->row.size()) stop_malformed();
    return std::make_shared<SparseRoot>(shape.sparse, std::move(values));
  }
  const List parts(root);
  auto used = as_sizes(parts["used"]);
  check_below(used, shape.border.size());
  Matrix matrix = as_matrix(parts["matrix"]);
  if (matrix.rows() != used.size() || matrix.cols() != used.size()) stop_malformed();
  return std::make_shared<DenseRoot>(shape.border.size(), std::move(used), std::move(matrix));
}

// Numbers of elements may be beyond an integer's: starts are doubles.
SEXP from_pattern(const SparsePattern* pattern) {
  if (!pattern) return R_NilValue;
  const auto as_numbers = [](const std::vector<std::size_t>& values) {
    return NumericVector(values.begin(), values.end());
  };
  return List::create(Named("corner_start") = as_numbers(pattern->corner_start),
                      Named("corner_row") = pattern->corner_row, Named("order") = pattern->order,
                      Named("start") = as_numbers(pattern->start), Named("row") = pattern->row);
}

void check_columns(const std::vector<std::size_t>& start, const std::vector<int>& row,
                   std::size_t count, bool own_is_first) {
  check_starts(start, count, row.size());
  for (std::size_t j = 0; j < count; ++j) {
    if (start[j] == start[j + 1]) stop_malformed();
    const auto first = row.begin() + static_cast<std::ptrdiff_t>(start[j]),
               end = row.begin() + static_cast<std::ptrdiff_t>(start[j + 1]);
    const int own = own_is_first ? *first : *(end - 1);
    if (own != static_cast<int>(j) || *first < 0 || *(end - 1) >= static_cast<int>(count) ||
        std::adjacent_find(first, end, std::greater_equal<int>()) != end)
      stop_malformed();
  }
}

std::shared_ptr<const SparsePattern> as_pattern(SEXP given, std::size_t border) {
  if (Rf_isNull(given)) return nullptr;
  const List list(given);
  auto pattern = std::make_shared<SparsePattern>();
  const auto as_starts = [](SEXP values) {
    const NumericVector numbers(values);
    constexpr double most = 9007199254740992.0;
    for (double number : numbers)
      if (!(number >= 0.0 && number < most)) stop_malformed();
    return std::vector<std::size_t>(numbers.begin(), numbers.end());
  };
  pattern->corner_start = as_starts(list["corner_start"]);
  pattern->corner_row = Rcpp::as<std::vector<int>>(list["corner_row"]);
  pattern->order = Rcpp::as<std::vector<int>>(list["order"]);
  pattern->start = as_starts(list["start"]);
  pattern->row = Rcpp::as<std::vector<int>>(list["row"]);
  check_columns(pattern->corner_start, pattern->corner_row, border, false);
  check_columns(pattern->start, pattern->row, border, true);
  if (pattern->order.size() != border) stop_malformed();
  pattern->finish();
  pattern->place.assign(border, -1);
  for (std::size_t k = 0; k < border; ++k) {
    const int b = pattern->order[k];
    if (b < 0 || static_cast<std::size_t>(b) >= border ||
        pattern->place[static_cast<std::size_t>(b)] >= 0)
      stop_malformed();
    pattern->place[static_cast<std::size_t>(b)] = static_cast<int>(k);
  }
  return pattern;
}

}  // namespace

SEXP from_information(const Information& information) {
  if (!information.is_bordered()) return from_matrix(information.matrix());
  const std::size_t blocks = information.blocks().size(), rows = information.rows().size();
  NumericVector made(
      Rcpp::no_init(static_cast<R_xlen_t>(blocks + rows + information.corner_size())));
  std::copy(information.blocks().begin(), information.blocks().end(), made.begin());
  std::copy(information.rows().begin(), information.rows().end(), made.begin() + blocks);
  std::copy_n(information.corner_values(), information.corner_size(), made.begin() + blocks + rows);
  return made;
}

Information as_bordered_information(SEXP values, std::shared_ptr<const BorderedShape> shape,
                                    const char* name) {
  const NumericVector read(values);
  Information made(std::move(shape));
  const std::size_t blocks = made.blocks().size(), rows = made.rows().size(),
                    corner = made.corner_size();
  if (static_cast<std::size_t>(read.size()) != blocks + rows + corner)
    Rcpp::stop("a pass must return `%s` with %g numbers", name,
               static_cast<double>(blocks + rows + corner));
  std::copy_n(read.begin(), blocks, made.blocks().begin());
  std::copy_n(read.begin() + blocks, rows, made.rows().begin());
  std::copy_n(read.begin() + blocks + rows, corner, made.corner_values());
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
      Named("solved") = from_doubles(bordered->solved()),
      Named("root") = from_root(bordered->root()),
      Named("pattern") = from_pattern(shape.sparse.get()),
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
  shape->sparse = as_pattern(list["pattern"], border);
  auto inverse = Rcpp::as<std::vector<double>>(list["inverse"]);
  const NumericVector read = list["solved"];
  UnsetVector solved(read.begin(), read.end());
  if (inverse.size() != shape->block_start.back() || solved.size() != shape->column.size())
    stop_malformed();
  auto root = as_root(list["root"], *shape);
  return BorderedFactor(std::move(shape), std::move(inverse), std::move(solved), std::move(root));
}

}  // namespace glmpp
