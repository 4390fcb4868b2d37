# The objective, from the definition: the fit's rows, its columns standardised here.
columns_of <- function(x, w) {
  w <- w / sum(w)
  list(x = x, sd = sqrt(colSums(w * sweep(x, 2, colSums(w * x))^2)))
}
objective_of <- function(family, x, y, beta, lambda, alpha = 1, w = rep(1, length(y)), offset = 0, factor = 1) {
  sd <- columns_of(x, w)$sd
  mean <- family$linkinv(as.vector(beta[1] + x %*% beta[-1] + offset))
  theta <- sd * beta[-1]
  sum(family$dev.resids(y, mean, w)) / 2 / sum(w) + lambda * sum(factor * (alpha * abs(theta) + (1 - alpha) / 2 * theta^2))
}
family_rows <- function(name, x, eta) {
  n <- nrow(x)
  switch(name, gaussian = eta + rnorm(n), binomial = rbinom(n, 1, plogis(eta)), poisson = rpois(n, exp(eta / 3)),
         Gamma = rgamma(n, 2) * exp(eta / 3))
}
# With weights that are not whole.
family_named <- function(name) switch(name, Gamma = Gamma("log"), binomial = quasibinomial(), get(name)())
pieces_of <- function(pieces) {
  at <- 0
  chunks(function(reset = FALSE) {
    if (reset) {
      at <<- 0
      return(NULL)
    }
    at <<- at + 1
    if (at <= length(pieces)) pieces[[at]]
  })
}

test_that("the objective is nowhere above glmnet's, with weights, offsets, factors and bounds", {
  skip_if_not_installed("glmnet")
  set.seed(7)
  n <- 300
  x <- matrix(rnorm(n * 12), n, dimnames = list(NULL, paste0("v", 1:12)))
  x[, 3] <- x[, 2] + 0.4 * rnorm(n)
  x[, 12] <- x[, 12] * 100 + 2000
  eta <- as.vector(x[, 1:5] %*% c(1, -0.5, 0.4, 0.3, 0.2))
  cases <- list(list(), list(w = runif(n, 0.2, 3)), list(offset = rnorm(n, 0, 0.3)), list(factor = c(0, 2, 1, 0.5, rep(1, 8))),
                list(lower = 0), list(alpha = 0.4))
  for (name in c("gaussian", "binomial", "poisson", "Gamma")) {
    family <- family_named(name)
    y <- family_rows(name, x, eta)
    for (case in cases) {
      w <- case$w %||% rep(1, n)
      offset <- case$offset %||% rep(0, n)
      factor <- case$factor %||% rep(1, 12)
      alpha <- case$alpha %||% 1
      # glmnet's own unit of the ridge part of a gaussian fit.
      if (name == "gaussian" && alpha < 1) next
      theirs <- suppressWarnings(glmnet::glmnet(x, y, if (name == "Gamma") family else name, weights = w, offset = offset,
                                                penalty.factor = factor, lower.limits = case$lower %||% -Inf, alpha = alpha,
                                                thresh = 1e-14, nlambda = 50, maxit = 1e6))
      # They scale the factors to a mean of 1.
      factor <- factor / mean(factor)
      penalty <- elastic_net(alpha = alpha, penalty_factor = factor, lower = case$lower %||% -Inf)
      ours <- glmpp_path(x, family, y = y, weights = w, offset = offset, lambda = theirs$lambda, penalty = penalty)
      expect_true(all(ours$converged))
      gap <- vapply(seq_along(theirs$lambda), function(k) {
        a <- objective_of(family, x, y, c(theirs$a0[k], theirs$beta[, k]), theirs$lambda[k], alpha, w, offset, factor)
        b <- objective_of(family, x, y, ours$coefficients[, k], theirs$lambda[k], alpha, w, offset, factor)
        (b - a) / abs(a)
      }, 0)
      expect_lt(max(gap), 1e-9)
      if (alpha == 1 && is.null(case$lower)) expect_equal(ours$lambda_max, theirs$lambda[1], tolerance = 1e-6)
    }
  }
})

test_that("sparse, dense, wide and formula are one path", {
  skip_if_not_installed("Matrix")
  set.seed(3)
  n <- 120
  x <- matrix(rnorm(n * 250) * rbinom(n * 250, 1, 0.2), n, dimnames = list(NULL, paste0("v", 1:250)))
  y <- rbinom(n, 1, plogis(x[, 1] - x[, 2]))
  wide <- glmpp_path(x, binomial, y = y, nlambda = 15)
  expect_gt(wide$passes[["of_some_columns"]], 0)
  sparse <- glmpp_path(as(x, "CsparseMatrix"), binomial, y = y, lambda = wide$lambda)
  framed <- glmpp_path(y ~ ., binomial, data.frame(y, x), lambda = wide$lambda)
  few <- c(1:8, 100)
  expect_equal(unname(sparse$coefficients), unname(wide$coefficients), tolerance = 1e-5)
  expect_equal(unname(framed$coefficients), unname(wide$coefficients), tolerance = 1e-5)
  # The same by all columns at once.
  narrow <- glmpp_path(x[, few], binomial, y = y, lambda = wide$lambda)
  given <- glmpp_path(x, binomial, y = y, lambda = wide$lambda,
                      penalty = lasso(upper = replace(rep(0, 250), few, Inf), lower = replace(rep(0, 250), few, -Inf)))
  expect_equal(unname(given$coefficients[c(1, few + 1), ]), unname(narrow$coefficients), tolerance = 1e-5)
  one <- glmpp_path(x, binomial, y = y, lambda = wide$lambda, threads = 1)
  expect_identical(one$coefficients, glmpp_path(x, binomial, y = y, lambda = wide$lambda, threads = 2)$coefficients)
})

test_that("a group's optimum is that of its definition, whatever the contrasts", {
  set.seed(5)
  n <- 400
  d <- data.frame(x = rnorm(n), g = factor(sample(letters[1:6], n, TRUE)), h = factor(sample(1:3, n, TRUE)))
  d$y <- rbinom(n, 1, plogis(0.5 * d$x + 0.6 * (d$g == "c") - 0.5))
  path <- glmpp_path(y ~ x + g + h, binomial, d, nlambda = 20)
  turned <- glmpp_path(y ~ x + g + h, binomial, d, lambda = path$lambda, contrasts = list(g = "contr.helmert", h = "contr.sum"))
  expect_equal(predict(turned), predict(path), tolerance = 1e-6)
  # Groups come and go as one.
  of_g <- path$coefficients[startsWith(rownames(path$coefficients), "g"), ] != 0
  expect_true(all(colSums(of_g) %in% c(0, 5)))
  # No direction from the optimum goes down.
  m <- model.matrix(y ~ x + g + h, d)
  value <- function(beta, lambda) {
    eta <- as.vector(m %*% beta)
    parts <- split(seq_along(beta)[-1], attr(m, "assign")[-1])
    norms <- vapply(parts, function(j) {
      centred <- scale(m[, j, drop = FALSE], scale = FALSE)
      sqrt(length(j)) * sqrt(sum((centred %*% beta[j])^2) / n)
    }, 0)
    sum(binomial()$dev.resids(d$y, plogis(eta), rep(1, n))) / 2 / n + lambda * sum(norms)
  }
  for (k in c(3, 8, length(path$lambda))) {
    beta <- path$coefficients[, k]
    at <- value(beta, path$lambda[k])
    found <- optim(beta, value, lambda = path$lambda[k], method = "BFGS", control = list(maxit = 500, reltol = 1e-14))
    expect_gte(found$value, at - 1e-9)
    around <- replicate(200, value(beta + rnorm(length(beta)) * 10^runif(1, -6, -1), path$lambda[k]))
    expect_gte(min(around), at)
  }
})

test_that("the group lasso is grpreg's", {
  skip_if_not_installed("grpreg")
  set.seed(11)
  n <- 200
  d <- data.frame(x = rnorm(n), g = factor(sample(5, n, TRUE)), z = rnorm(n))
  d$y <- d$x + (d$g == "3") + rnorm(n)
  m <- model.matrix(y ~ x + g + z, d)[, -1]
  theirs <- grpreg::grpreg(m, d$y, c(1, 2, 2, 2, 2, 3), penalty = "grLasso", eps = 1e-10, max.iter = 1e6)
  ours <- glmpp_path(y ~ x + g + z, gaussian, d, lambda = theirs$lambda)
  expect_equal(unname(ours$coefficients), unname(theirs$beta), tolerance = 1e-5)
})

test_that("the optimality conditions hold over families, penalties and shapes", {
  conditions_left <- function(seed) {
    set.seed(seed)
    n <- sample(40:150, 1)
    d <- data.frame(x1 = rnorm(n), x2 = rexp(n), g = factor(sample(3, n, TRUE)), w = runif(n, 0.5, 2), e = rnorm(n, 0, 0.2))
    name <- sample(c("gaussian", "binomial", "poisson", "Gamma", "negbin", "tweedie"), 1)
    family <- switch(name, negbin = negative_binomial(2), tweedie = tweedie(1.5), family_named(name))
    eta <- 0.5 * d$x1 - 0.2 * d$x2
    d$y <- switch(name, negbin = rnbinom(n, 2, mu = exp(eta)), tweedie = rpois(n, exp(eta)) * rgamma(n, 1), family_rows(name, d, eta))
    alpha <- sample(c(1, 0.5, 0.1), 1)
    standardize <- runif(1) < 0.7
    groups <- sample(c("terms", "columns"), 1)
    free <- runif(1) < 0.3
    penalty <- elastic_net(alpha = alpha, groups = groups, standardize = standardize, penalty_factor = c(x1 = if (free) 0 else 1))
    path <- glmpp_path(y ~ x1 + x2 + g + offset(e), family, d, penalty, weights = w, nlambda = 8)
    if (!all(path$converged)) return(Inf)
    m <- model.matrix(~ x1 + x2 + g, d)
    w <- d$w / sum(d$w)
    parts <- if (groups == "terms") list(2, 3, 4:5) else as.list(2:5)
    worst <- 0
    unit <- NULL
    for (k in seq_along(path$lambda)) {
      beta <- path$coefficients[, k]
      mean <- family$linkinv(as.vector(m %*% beta) + d$e)
      # Of the mean deviance over 2, by its numerical-free form.
      slope <- -as.vector(crossprod(m, w * (d$y - mean) * family$mu.eta(family$linkfun(mean)) / family$variance(mean)))
      left <- abs(slope[1])
      for (part in parts) {
        factor <- if (free && part[1] == 2) 0 else 1
        centred <- sweep(m[, part, drop = FALSE], 2, colSums(w * m[, part, drop = FALSE]))
        gram <- if (standardize) crossprod(centred, w * centred) else diag(length(part))
        length_of <- sqrt(sum(beta[part] * (gram %*% beta[part])))
        pull <- path$lambda[k] * factor * alpha * sqrt(length(part))
        of_square <- path$lambda[k] * factor * (1 - alpha) * as.vector(gram %*% beta[part])
        root <- solve(chol(gram))
        in_theta <- function(values) sqrt(sum(crossprod(root, values)^2))
        left <- max(left, if (length_of == 0) max(0, in_theta(slope[part]) - pull)
                          else in_theta(slope[part] + of_square + pull * as.vector(gram %*% beta[part]) / length_of))
        if (k == 1) unit <- max(unit, in_theta(slope[part]))
      }
      worst <- max(worst, left)
    }
    worst / max(unit, 1e-3)
  }
  left <- vapply(seq_len(if (nzchar(Sys.getenv("GLMPP_PATH_SEEDS"))) as.integer(Sys.getenv("GLMPP_PATH_SEEDS")) else 60), conditions_left, 0)
  expect_lt(max(left), 2e-6)
})

test_that("lambda of 0 is the plain fit, and the first lambda the end of zeros", {
  set.seed(2)
  n <- 300
  d <- data.frame(x = rnorm(n), z = rnorm(n, 2000, 5), g = factor(sample(4, n, TRUE)), e = runif(n))
  for (name in c("gaussian", "binomial", "poisson")) {
    d$y <- family_rows(name, d, 0.5 * d$x + 0.3 * (d$g == "2"))
    path <- glmpp_path(y ~ x + z + g + offset(e), family_named(name), d, lambda = 0, tolerance = 1e-9)
    fit <- glmpp(y ~ x + z + g + offset(e), family_named(name), d)
    expect_lt(max(abs(path$coefficients[, 1] - coef(fit)) / sqrt(diag(vcov(fit)))), 1e-6)
    expect_equal(path$deviance, deviance(fit), tolerance = 1e-10)
    if (name != "binomial") expect_equal(path$log_likelihood, as.numeric(logLik(fit)), tolerance = 1e-8)
    made <- glmpp_path(y ~ x + z + g, family_named(name), d, nlambda = 10)
    edge <- glmpp_path(y ~ x + z + g, family_named(name), d, lambda = made$lambda_max * c(1 + 1e-6, 0.999))
    expect_identical(sum(edge$coefficients[-1, 1] != 0), 0L)
    expect_gt(sum(edge$coefficients[-1, 2] != 0), 0)
    expect_equal(made$lambda[1], made$lambda_max)
    expect_equal(made$null.deviance, glmpp(y ~ 1, family_named(name), d)$deviance, tolerance = 1e-10)
  }
})

test_that("rows that are alike are gone through once", {
  set.seed(6)
  d <- data.frame(g = factor(sample(4, 5000, TRUE)), h = factor(sample(3, 5000, TRUE)))
  d$y <- rbinom(5000, 1, plogis(-1 + 0.5 * (d$g == "2")))
  path <- glmpp_path(y ~ g + h, binomial, d, lambda = c(0.01, 0), tolerance = 1e-9)
  expect_equal(path$deviance[2], deviance(glm(y ~ g + h, binomial, d)), tolerance = 1e-9)
  expect_equal(path$null.deviance, deviance(glm(y ~ 1, binomial, d)), tolerance = 1e-9)
  mean <- predict(path, s = 0.01, type = "response")[, 1]
  expect_equal(path$deviance[1], sum(binomial()$dev.resids(d$y, mean, rep(1, 5000))), tolerance = 1e-9)
})

test_that("bounds alone are a bounded fit", {
  set.seed(9)
  n <- 200
  d <- data.frame(a = rnorm(n), b = rnorm(n), c = rnorm(n))
  d$y <- d$a - d$b + 0.1 * d$c + rnorm(n)
  path <- glmpp_path(y ~ a + b + c, gaussian, d, lasso(0, lower = 0, upper = 1))
  expect_true(all(path$coefficients[-1, ] >= 0 & path$coefficients[-1, ] <= 1))
  expect_equal(path$coefficients["b", 1], 0, ignore_attr = TRUE)
  found <- optim(c(0, 0.1, 0.1, 0.1), function(v) sum((d$y - v[1] - as.matrix(d[1:3]) %*% v[-1])^2), method = "L-BFGS-B", lower = c(-Inf, 0, 0, 0),
                 upper = c(Inf, 1, 1, 1), control = list(factr = 10, maxit = 1000))
  expect_equal(path$deviance, found$value, tolerance = 1e-9)
})

test_that("rows elsewhere give the path of rows in memory", {
  set.seed(4)
  n <- 500
  d <- data.frame(x = rnorm(n), z = rexp(n), g = sample(c("a", "b", "c"), n, TRUE), w = runif(n, 0.5, 2))
  d$y <- rbinom(n, 1, plogis(0.8 * d$x - 0.5 * (d$g == "b")))
  near <- glmpp_path(y ~ x + z + g, binomial, d, nlambda = 12, weights = NULL)
  pieces <- list(d[1:200, ], d[201:500, ])
  far <- glmpp_path(y ~ x + z + g, binomial, pieces_of(pieces), lambda = near$lambda)
  expect_equal(far$coefficients, near$coefficients, tolerance = 1e-6)
  expect_equal(far$lambda_max, near$lambda_max, tolerance = 1e-9)
  expect_equal(BIC(far), BIC(near), tolerance = 1e-8)
  expect_error(predict(far), class = "glmpp_error_rows")
  expect_equal(unname(predict(far, d[1:5, ])), unname(predict(near, d[1:5, ])), tolerance = 1e-6)
  skip_if_not_installed("RSQLite")
  con <- DBI::dbConnect(RSQLite::SQLite(), ":memory:")
  on.exit(DBI::dbDisconnect(con))
  DBI::dbWriteTable(con, "rows", d)
  there <- glmpp_path(y ~ x + z + g, binomial, in_database(con, "rows", where = "database"), lambda = near$lambda)
  expect_equal(there$coefficients, near$coefficients, tolerance = 1e-6)
  expect_error(glmpp_path(y ~ x + offset(z), poisson, pieces_of(pieces)), "standardize = FALSE", class = "glmpp_error_argument")
  raw <- function(data) glmpp_path(y ~ x + g + offset(z), poisson, data, lasso(standardize = FALSE), lambda = c(0.1, 0.01))
  expect_equal(raw(pieces_of(pieces))$coefficients, raw(d)$coefficients, tolerance = 1e-6)
})

test_that("the nodes of a cluster give the path of rows in memory", {
  skip_on_cran()
  rows <- function() {
    set.seed(8)
    d <- data.frame(x = rnorm(600), z = rexp(600), g = factor(sample(c("a", "b", "c"), 600, TRUE)))
    d$y <- rpois(600, exp(0.3 * d$x + 0.4 * (d$g == "b")))
    d
  }
  near <- glmpp_path(y ~ x + z + g, poisson, rows(), nlambda = 8)
  cluster <- parallel::makeCluster(2)
  on.exit(parallel::stopCluster(cluster))
  parallel::clusterExport(cluster, "rows", environment())
  far <- glmpp_path(y ~ x + z + g, poisson, on_cluster(cluster, rows()[seq(part, 600, by = parts), ]), lambda = near$lambda)
  expect_equal(far$coefficients, near$coefficients, tolerance = 1e-7)
})

test_that("multinomial paths are glmnet's", {
  skip_if_not_installed("glmnet")
  x <- as.matrix(iris[, 1:4])
  sd <- columns_of(x, rep(1, 150))$sd
  value <- function(b, lambda, grouped) {
    b <- matrix(b, 5)
    eta <- cbind(1, x) %*% b
    size <- if (grouped) sum(sqrt(rowSums((sd * b[-1, ])^2))) else sum(abs(sd * b[-1, ]))
    -mean(eta[cbind(1:150, as.integer(iris$Species))] - log(rowSums(exp(eta)))) + lambda * size
  }
  for (grouped in c(FALSE, TRUE)) {
    path <- glmpp_path(Species ~ ., multinomial(), iris, lasso(across_classes = grouped), nlambda = 10, lambda_ratio = 0.01)
    expect_true(all(path$converged))
    theirs <- glmnet::glmnet(x, iris$Species, "multinomial", lambda = path$lambda, thresh = 1e-13, maxit = 1e7,
                             type.multinomial = if (grouped) "grouped" else "ungrouped")
    for (k in seq_along(path$lambda)) {
      b <- unlist(lapply(1:3, function(j) c(theirs$a0[j, k], as.vector(theirs$beta[[j]][, k]))))
      expect_lt(value(path$coefficients[, k], path$lambda[k], grouped) / value(b, path$lambda[k], grouped) - 1, 1e-9)
    }
    probabilities <- predict(path, iris, s = path$lambda[8], type = "response")
    expect_equal(rowSums(probabilities[, , 1]), rep(1, 150), ignore_attr = TRUE)
  }
  expect_gt(mean(predict(path, s = path$lambda[10], type = "class") == iris$Species), 0.9)
})

test_that("folds are fits without their rows", {
  set.seed(12)
  n <- 150
  d <- data.frame(x = rnorm(n), z = rnorm(n), g = factor(sample(3, n, TRUE)), w = runif(n, 0.5, 2))
  d$y <- rpois(n, exp(0.4 * d$x))
  cv <- glmpp_cv(y ~ x + z + g, poisson, d, lasso(standardize = FALSE), weights = w, folds = 4, seed = 1, nlambda = 10)
  for (k in 1:4) {
    rest <- d[cv$fold != k, ]
    path <- glmpp_path(y ~ x + z + g, poisson, rest, lasso(standardize = FALSE), weights = w, lambda = cv$lambda)
    out <- d[cv$fold == k, ]
    mean <- predict(path, out, type = "response")
    deviance <- apply(mean, 2, function(mu) sum(poisson()$dev.resids(out$y, mu, out$w)) / sum(out$w))
    expect_equal(cv$by_fold[, k], deviance, tolerance = 1e-6, ignore_attr = TRUE)
  }
  again <- glmpp_cv(y ~ x + z + g, poisson, d, lasso(standardize = FALSE), weights = w, folds = cv$fold, nlambda = 10, threads = 2)
  expect_identical(cv$by_fold, again$by_fold)
  expect_identical(cv$lambda.min, cv$lambda[which.min(cv$mean)])
  d$b <- as.numeric(d$y > 1)
  of_auc <- glmpp_cv(b ~ x + z, binomial, d, folds = 3, seed = 2, measure = "auc", nlambda = 5)
  k <- which(of_auc$fold == 1)
  path <- glmpp_path(b ~ x + z, binomial, d[-k, ], lasso(standardize = FALSE), lambda = 0)
  at_last <- of_auc$by_fold[5, 1]
  mean <- predict(path, d[k, ])[, 1]
  pairs <- outer(mean[d$b[k] == 1], mean[d$b[k] == 0], function(a, b) (a > b) + (a == b) / 2)
  expect_equal(at_last, mean(pairs), tolerance = 0.02)
  before <- .Random.seed
  glmpp_cv(b ~ x, binomial, d, folds = 3, seed = 2, nlambda = 5)
  expect_identical(.Random.seed, before)
  expect_identical(coef(cv), coef(cv$path, cv$lambda.1se))
})

test_that("a bar counts the lambdas of all folds, to the last", {
  old <- options(glmpp.progress = TRUE)
  on.exit(options(old))
  for (threads in 1:2) {
    run <- function() invisible(glmpp_cv(mpg ~ wt + hp + qsec, gaussian, mtcars, folds = 4, nlambda = 10, seed = 1, threads = threads))
    shown <- with_replaced("progress_patience", function() -1, capture.output(run()))
    expect_match(shown, "Penalties of folds", all = FALSE, fixed = TRUE)
    expect_match(shown[length(shown)], "100%", fixed = TRUE)
  }
})

test_that("a matrix without columns has the path of a formula without terms", {
  without <- glmpp_path(matrix(0, 32, 0), gaussian, y = mtcars$mpg, lambda = c(1, 0.1))
  expect_equal(unname(coef(without)), unname(coef(glmpp_path(mpg ~ 1, gaussian, mtcars, lambda = c(1, 0.1)))))
  expect_equal(without$df, c(1, 1))
})

test_that("what was selected is fitted again", {
  path <- glmpp_path(mpg ~ wt + hp + qsec + factor(cyl), gaussian, mtcars)
  fit <- select_fit(path, "bic")
  expect_s3_class(fit, "glmpp")
  chosen <- predict(path, s = fit$path_lambda, type = "nonzero")[[1]]
  expect_true(all(c("(Intercept)", chosen) %in% names(coef(fit))))
  expect_equal(unname(coef(fit)), unname(coef(glm(formula(fit), gaussian, mtcars))), tolerance = 1e-8)
  expect_equal(BIC(path)[length(path$lambda)], -2 * path$log_likelihood[length(path$lambda)] + log(32) * (path$df[length(path$lambda)] + 1))
  one <- select_fit(path, s = path$lambda[5], refit = FALSE)
  expect_identical(unname(one$coefficients[, 1]), unname(path$coefficients[, 5]))
  # Between two lambdas it is fitted, not drawn as a line.
  middle <- mean(path$lambda[10:11])
  there <- glmpp_path(mpg ~ wt + hp + qsec + factor(cyl), gaussian, mtcars, lambda = middle)
  expect_equal(unname(coef(path, middle)), unname(there$coefficients), tolerance = 1e-5)
})

test_that("bad input is refused before any work", {
  refused <- function(expr, what) expect_error(expr, what, class = "glmpp_error_argument")
  refused(glmpp_path(mpg ~ wt, gaussian, mtcars, ridge(1)), "elastic_net\\(alpha = 0\\)")
  refused(glmpp(mpg ~ wt, gaussian, mtcars, penalty = lasso()), "glmpp_path")
  refused(glmpp(mpg ~ wt, gaussian, mtcars, penalty = "lasso"), "glmpp_path")
  refused(glmpp_path(mpg ~ wt, gaussian, mtcars, lambda = -1), "lambda")
  refused(glmpp_path(mpg ~ wt, gaussian, mtcars, lasso(lower = 1)), "hold zero")
  refused(glmpp_path(mpg ~ factor(cyl), gaussian, mtcars, lasso(lower = 0)), "one by one")
  refused(glmpp_path(mpg ~ wt + hp, gaussian, mtcars, lasso(penalty_factor = c(wr = 0))), "wt")
  refused(glmpp_path(mpg ~ wt + hp, gaussian, mtcars, lasso(penalty_factor = 1:3)), "3")
  refused(lasso(groups = "term "), "groups")
  refused(elastic_net(alpha = 2), "alpha")
  refused(glmpp_cv(mpg ~ wt, gaussian, mtcars, measure = "auc"), "gaussian")
  refused(glmpp_cv(mpg ~ wt, gaussian, mtcars, folds = 1), "folds")
  expect_error(glmpp_cv(mpg ~ wt, gaussian, pieces_of(list(mtcars))), class = "glmpp_error_rows")
  expect_error(glmpp_path(carb ~ wt, negative_binomial(), mtcars), class = "glmpp_error_family")
})

test_that("paths are printed and drawn", {
  path <- glmpp_path(mpg ~ wt + hp + factor(cyl), gaussian, mtcars, nlambda = 12)
  expect_output(print(path), "lambda")
  cv <- glmpp_cv(mpg ~ wt + hp + factor(cyl), gaussian, mtcars, nlambda = 12, folds = 4, seed = 1)
  expect_output(print(cv), "lambda.1se")
  file <- tempfile(fileext = ".pdf")
  grDevices::pdf(file)
  before <- par(no.readonly = TRUE)
  for (against in c("lambda", "norm", "deviance")) plot(path, against = against)
  plot(cv)
  expect_identical(par("mar"), before$mar)
  skip_if_not_installed("ggplot2")
  print(ggplot2::autoplot(path))
  print(ggplot2::autoplot(cv))
  grDevices::dev.off()
  expect_gt(file.size(file), 1000)
})

test_that("every family's likelihood is that of the plain fit", {
  set.seed(14)
  d <- data.frame(x = rnorm(150))
  d$y <- rpois(150, 2)
  d$z <- rgamma(150, 2)
  for (case in list(list(y ~ x, tweedie(1.5)), list(y ~ x, negative_binomial(2)), list(z ~ x, Gamma("log")), list(z ~ x, inverse.gaussian("log")))) {
    path <- glmpp_path(case[[1]], case[[2]], d, lambda = 0, tolerance = 1e-10)
    fit <- glmpp(case[[1]], case[[2]], d)
    expect_equal(path$log_likelihood, as.numeric(logLik(fit)), tolerance = 1e-7)
    expect_equal(AIC(path), AIC(fit), tolerance = 1e-7)
    expect_equal(BIC(path), BIC(fit), tolerance = 1e-7)
  }
})
