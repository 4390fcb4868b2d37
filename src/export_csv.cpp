#include <Rcpp.h>

#include <cstring>

namespace {

bool is_blank(const Rbyte* begin, const Rbyte* end) {
  while (begin != end && (*begin == ' ' || *begin == '\r')) ++begin;
  return begin == end;
}

// The line break that ends the record at `begin`, null where there is none: those within quotes don't.
const Rbyte* record_break(const Rbyte* begin, const Rbyte* end, bool has_quotes) {
  if (!has_quotes) return static_cast<const Rbyte*>(std::memchr(begin, '\n', end - begin));
  bool is_quoted = false;
  for (; begin != end; ++begin) {
    if (*begin == '"') is_quoted = !is_quoted;
    if (*begin == '\n' && !is_quoted) return begin;
  }
  return nullptr;
}

}  // namespace

// Where the `rows`-th record of comma-separated text ends, or the last complete one. Blank lines are no records. The
// text starts at the start of a record.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector record_end_impl(Rcpp::RawVector text, double rows) {
  const Rbyte* const first = RAW(text);
  const Rbyte* const last = first + text.size();
  const bool has_quotes = text.size() && std::memchr(first, '"', text.size());
  const Rbyte* end = first;
  double count = 0.0;
  while (count < rows && end != last) {
    const Rbyte* found = record_break(end, last, has_quotes);
    if (!found) break;
    if (!is_blank(end, found)) ++count;
    end = found + 1;
  }
  return Rcpp::NumericVector::create(Rcpp::Named("end") = static_cast<double>(end - first),
                                     Rcpp::Named("rows") = count);
}

// The first `end` bytes as a string, and the others.
// [[Rcpp::export(rng = false)]]
Rcpp::List cut_text_impl(Rcpp::RawVector text, double end) {
  const R_xlen_t cut = static_cast<R_xlen_t>(end), left = text.size() - cut;
  Rcpp::RawVector rest(Rcpp::no_init(left));
  if (left) std::memcpy(RAW(rest), RAW(text) + cut, left);
  Rcpp::Shield<SEXP> head(Rf_mkCharLenCE(reinterpret_cast<const char*>(RAW(text)),
                                         static_cast<int>(cut), CE_NATIVE));
  return Rcpp::List::create(Rcpp::Named("text") = Rf_ScalarString(head), Rcpp::Named("rest") = rest);
}
