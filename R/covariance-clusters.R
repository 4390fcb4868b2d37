# The middle of the sandwich for clusters, in one way or several.

# The variables of `~ a + b`.
cluster_variables <- function(cluster) {
  split <- function(expression) {
    if (is_call_of(expression, "+") && length(expression) == 3) c(split(expression[[2]]), split(expression[[3]])) else list(expression)
  }
  split(cluster[[length(cluster)]])
}

# With several variables, those of each set of them with the sign of inclusion and exclusion; Cameron, Gelbach and Miller (2011).
meat_of_clusters <- function(problem, at, cluster, object, type = "HC0", cadjust = TRUE) {
  variables <- cluster_variables(cluster)
  is_corrected <- type %in% c("HC2", "HC3")
  total <- 0
  for (set in seq_len(2^length(variables) - 1)) {
    chosen <- variables[bitwAnd(set, 2^(seq_along(variables) - 1)) > 0]
    formula <- cluster
    formula[[2]] <- if (length(chosen) == 1) chosen[[1]] else as.call(c(quote(paste), chosen, sep = "\r"))
    scores <- if (is_corrected) corrected_cluster_scores(object, formula, type) else problem$meat(at, formula, object)
    groups <- nrow(scores)
    sign <- if (length(chosen) %% 2) 1 else -1
    factor <- (if (is_corrected) (groups - 1) / groups else 1) * (if (cadjust) groups / (groups - 1) else 1)
    total <- total + sign * factor * columns_cross_product_impl(scores, object$solver$threads)
  }
  total
}

# Scores X'M u of clusters, u the rows' residuals of the score and M the power -1/2 or -1 of I - X V X'W over the rows of the cluster,
# with V the inverse information, as sandwich::vcovCL() has it. With V = TT' and the spectrum QLQ' of T'X'WXT,
# M = I + X T Q c(L) Q'T'X'W, c(l) = ((1 - l)^power - 1) / l.
corrected_cluster_scores <- function(object, cluster, type) {
  if (inherits(object, "glmpp_remote")) {
    stop_glmpp("covariance", sprintf("`type = \"%s\"` of clusters needs their rows together, and these are elsewhere.", type),
               i = "Take \"HC0\" or \"HC1\".")
  }
  group <- cluster_of_rows(object, cluster)
  design <- fit_design(object)
  known <- !is.na(object$coefficients)
  t <- root_of_covariance(object)
  fit <- unclass(object)
  weights <- as.vector(fit$weights)
  residuals <- finite_scores(object)
  used <- which(weights != 0)
  members <- split(used, group[used])
  scores <- vapply(members, function(rows) {
    x <- design_rows_impl(design, rows)
    own <- x[, known, drop = FALSE]
    moved <- own %*% t
    correction <- correct_residuals(moved, weights[rows], residuals[rows], if (type == "HC2") -0.5 else -1)
    colSums(x * correction)
  }, numeric(length(known)))
  matrix(scores, length(members), length(known), byrow = TRUE)
}

# M u, by the smaller of the two Gram matrices of the weighted rows.
correct_residuals <- function(x, weights, residuals, power) {
  spectrum <- eigen(crossprod(x, weights * x), symmetric = TRUE)
  leverage <- pmin(pmax(spectrum$values, 0), 1)
  used <- leverage > 1e-14
  along <- spectrum$vectors[, used, drop = FALSE]
  # Of a singular block the pseudo-inverse.
  powers <- ifelse(1 - leverage[used] > 1e-10, (1 - leverage[used])^power, 0)
  factor <- (powers - 1) / leverage[used]
  residuals + drop(x %*% (along %*% (factor * crossprod(along, crossprod(x, weights * residuals)))))
}

# T with TT' the inverse information over the coefficients that are not aliased.
root_of_covariance <- function(object) {
  spectrum <- eigen(unscaled_covariance(object), symmetric = TRUE)
  spectrum$vectors %*% diag(sqrt(pmax(spectrum$values, 0)), length(spectrum$values))
}

cluster_of_rows <- function(object, cluster) {
  group <- variable_of_rows(object, cluster, "cluster")
  check_cluster(group, cluster)
  group
}

# The variable of a one-sided formula for the rows of the fit. Where these are all rows of the data nothing is matched.
variable_of_rows <- function(object, formula, argument) {
  stop_unknown <- function(error) {
    stop_glmpp("cluster", sprintf("`%s` can't be evaluated in the data of the fit.", argument), x = conditionMessage(error))
  }
  whole <- tryCatch(variable_of_all_rows(object, formula), error = function(e) NULL)
  if (!is.null(whole)) return(group_labels(whole))
  found <- tryCatch(stats::expand.model.frame(object, formula, na.expand = TRUE), error = stop_unknown)
  group_labels(found[[deparse1(formula[[2]])]])
}

variable_of_all_rows <- function(object, formula) {
  call <- object$call
  if (!is.null(call$subset) || length(object$na.action)) return(NULL)
  where <- environment(stats::formula(object))
  data <- if (is.null(call$data)) where else eval(call$data, where)
  values <- eval(formula[[2]], data, where)
  same <- is.null(dim(values)) && length(values) == NROW(model.frame(object))
  if (same && (!is.data.frame(data) || nrow(data) == length(values))) values
}
