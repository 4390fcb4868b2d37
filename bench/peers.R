# An adapter says how one peer fits a workload. `fit(workload)` is what is timed; `estimates(fit)`
# gives coefficients and, where the peer has them, standard errors. `interface` is "matrix" where
# the user has to build the design matrix first (that is not timed), "absorbed" where the coefficients
# of factors are not returned, "kernel" where nothing is fitted. `sparse`: which matrix. `takes(workload)`
# leaves out what a peer can't fit. Files of peers/ end in a list of adapters.

new_adapter <- function(name, package, interface, fit, estimates, standard_errors = TRUE, threads = 1,
                        takes = is_dense, sparse = FALSE, available = function() has_package(package)) {
  stopifnot(interface %in% c("formula", "matrix", "absorbed", "kernel"))
  as.list(environment())
}

read_adapters <- function(folder) {
  files <- sort(list.files(folder, "\\.R$", full.names = TRUE))
  adapters <- unlist(lapply(files, function(file) source(file)$value), recursive = FALSE)
  stats::setNames(adapters, vapply(adapters, `[[`, "", "name"))
}

# Those that a workload names, by package or by name, and that can fit it.
adapters_for <- function(workload, adapters) {
  wanted <- c(workload$glmpp, "glm", workload$peers)
  Filter(function(adapter) {
    is_named <- adapter$name %in% wanted || adapter$package %in% workload$peers
    is_named && adapter$takes(workload_for(adapter, workload))
  }, adapters)
}

# glm() gets as many rows as it can bear.
workload_for <- function(adapter, workload) {
  if (adapter$name == "glm") first_rows(workload, workload$glm_rows) else workload
}

has_package <- function(package) {
  suppressWarnings(suppressPackageStartupMessages(requireNamespace(package, quietly = TRUE)))
}

has_formula <- function(workload) !is.null(workload$formula)

has_factors <- function(workload) has_formula(workload) && any(vapply(workload$data, is.factor, NA))

# Can the design be a dense matrix?
is_dense <- function(workload) {
  has_formula(workload) && workload$rows > 0 && 8 * workload$rows * coefficient_count(workload) < 2e9
}

# Without those of interactions.
coefficient_count <- function(workload) {
  1 + sum(vapply(workload$data[all.vars(workload$formula)[-1]], function(x) max(1, nlevels(x) - 1), 0))
}

has_classes <- function(workload) is_family(workload, "multinomial")

is_gaussian <- function(workload) is_dense(workload) && is_family(workload, "gaussian")

is_family <- function(workload, ...) workload$family$family %in% c(...)

# f(formula, family, data, ...) as a user would type it: glm() and its kin look up weights and
# offsets by name, and keep the call.
call_with_formula <- function(f, workload, ..., family = workload$family) {
  arguments <- list(workload$formula, data = quote(data), ...)
  arguments$family <- family
  if (!is.null(workload$weights)) arguments$weights <- as.name(workload$weights)
  if (!is.null(workload$offset)) arguments$offset <- as.name(workload$offset)
  eval(as.call(c(f, arguments)), list(data = workload$data), globalenv())
}

# One-sided formulas, as fixest and biglm want them.
one_sided <- function(column) if (!is.null(column)) reformulate(column)

vcov_estimates <- function(fit) {
  list(coefficients = stats::coef(fit), standard_errors = sqrt(diag(as.matrix(stats::vcov(fit)))))
}

# One number for each class and column, named as vcov() names them.
class_coefficients <- function(coefficients) {
  names <- outer(rownames(coefficients), colnames(coefficients), paste, sep = ":")
  stats::setNames(as.vector(t(coefficients)), as.vector(t(names)))
}
