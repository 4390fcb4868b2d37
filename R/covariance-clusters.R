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
  members <- split(seq_len(design$rows), group)
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
  found <- tryCatch(stats::expand.model.frame(object, cluster, na.expand = TRUE), error = function(e) {
    stop_glmpp("cluster", "`cluster` can't be evaluated in the data of the fit.", x = conditionMessage(e))
  })
  group <- group_labels(found[[deparse1(cluster[[2]])]])
  check_cluster(group, cluster)
  group
}
