#include <Rcpp.h>

// Where the `rows`-th record of comma-separated text ends, or the last complete one: line breaks within
// quotes do not end a record. Blank lines are no records. The text starts at the start of a record.
// [[Rcpp::export(rng = false)]]
Rcpp::NumericVector record_end_impl(Rcpp::RawVector text, double rows) {
  const Rbyte* bytes = RAW(text);
  const R_xlen_t size = text.size();
  bool is_quoted = false, is_blank = true;
  double count = 0.0;
  R_xlen_t end = 0;
  for (R_xlen_t i = 0; i < size && count < rows; ++i) {
    if (bytes[i] == '"') is_quoted = !is_quoted;
    if (bytes[i] != '\n' || is_quoted) {
      is_blank &= bytes[i] == ' ' || bytes[i] == '\r';
      continue;
    }
    if (!is_blank) ++count;
    is_blank = true;
    end = i + 1;
  }
  return Rcpp::NumericVector::create(Rcpp::Named("end") = static_cast<double>(end),
                                     Rcpp::Named("rows") = count);
}
