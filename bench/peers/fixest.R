# feglm(), or feols() for the gaussian family. Factors as ordinary terms, or absorbed: then only the numeric
# columns have coefficients.
fit_fixest <- function(workload, formula) {
  arguments <- list(formula, data = quote(data), nthreads = 2, vcov = "iid", notes = FALSE, warn = FALSE)
  arguments$weights <- one_sided(workload$weights)
  arguments$offset <- one_sided(workload$offset)
  f <- quote(fixest::feols)
  if (!is_family(workload, "gaussian")) {
    f <- quote(fixest::feglm)
    arguments$family <- workload$family
  }
  eval(as.call(c(f, arguments)), list(data = workload$data), globalenv())
}

# y ~ x1 + f12 + f31 + f12:f31 becomes y ~ x1 | f12^f31.
absorbed_formula <- function(workload) {
  labels <- attr(terms(workload$formula), "term.labels")
  factors <- names(Filter(is.factor, workload$data))
  crossed <- grep(":", labels, value = TRUE)
  single <- setdiff(factors, unlist(strsplit(crossed, ":")))
  numeric <- setdiff(labels, c(factors, crossed))
  stats::as.formula(sprintf("y ~ %s | %s", paste(numeric, collapse = " + "),
                            paste(c(gsub(":", "^", crossed), single), collapse = " + ")), globalenv())
}

list(
  new_adapter("fixest", package = "fixest", interface = "formula", threads = 2,
    fit = function(workload) fit_fixest(workload, workload$formula), estimates = vcov_estimates),

  new_adapter("fixest, absorbed", package = "fixest", interface = "absorbed", threads = 2,
    fit = function(workload) fit_fixest(workload, absorbed_formula(workload)), estimates = vcov_estimates,
    takes = function(workload) has_factors(workload) && any(!vapply(workload$data[-1], is.factor, NA)))
)
