cars <- transform(mtcars, wt = wt - mean(wt), hp = (hp - mean(hp)) / 100)
fit_by <- function(solver, trace = "coefficients", ...) {
  suppressWarnings(glmpp(am ~ wt + hp, binomial, cars, start = c(0, 0, 0), solver = solver, trace = trace, ...))
}
fits <- list(IRLS = fit_by(irls()), slow = fit_by(gradient_descent(learning_rate = 0.02, iterations = 50)), lbfgs = fit_by(lbfgs()))
deviance_at <- function(b) -2 * sum(dbinom(cars$am, 1, plogis(drop(cbind(1, cars$wt, cars$hp) %*% b)), log = TRUE))

test_that("the excess is the deviance at the iterates minus the converged one", {
  chart <- do.call(convergence_trace, fits)
  converged <- deviance(glm(am ~ wt + hp, binomial, cars, epsilon = 1e-14))
  expect_equal(chart$optimum, converged, tolerance = 1e-12)
  expect_identical(levels(chart$data$solver), names(fits))
  for (name in names(fits)) {
    own <- chart$data[chart$data$solver == name, ]
    deviances <- apply(attr(fits[[name]]$trace, "coefficients"), 1, deviance_at)
    expect_equal(own$excess, pmax(deviances - converged, 0), tolerance = 1e-7)
  }
})

test_that("the optimum is found even if no fit reached it", {
  alone <- convergence_trace(fits$slow)
  expect_equal(alone$optimum, convergence_trace(fits$IRLS)$optimum, tolerance = 1e-10)
  expect_gt(min(alone$data$excess), 0.1)
  expect_identical(levels(alone$data$solver), "gradient descent")
  expect_equal(convergence_trace(fits$slow$trace)$optimum, min(fits$slow$trace$deviance))
  expect_equal(convergence_trace(fits$slow, optimum = 1)$optimum, 1)
})

test_that("with a penalty, the optimum is the penalised one", {
  penalised <- list(fit_by(irls(), penalty = ridge(2)), fit_by(gradient_descent(learning_rate = 0.02, iterations = 20), penalty = ridge(2)))
  objective <- function(b) deviance_at(b) + 2 * sum(b[-1]^2)
  best <- optim(c(0, 0, 0), objective, method = "BFGS", control = list(reltol = 1e-15))$value
  expect_equal(do.call(convergence_trace, penalised)$optimum, best, tolerance = 1e-9)
  for (profile in c(FALSE, TRUE)) {
    surface <- do.call(likelihood_surface, c(penalised, list(coefficients = 2:3, size = 3, profile = profile)))
    point <- unlist(surface$data[2, c("x", "y")])
    others <- function(a) objective(c(a, point))
    value <- if (profile) optimize(others, c(-10, 10), tol = 1e-9)$objective else others(coef(penalised[[1]])[1])
    expect_equal(surface$data$log_likelihood[2], (best - value) / 2, tolerance = 1e-6)
  }
})

test_that("a start from means has no place among the coefficients", {
  started_by_means <- glmpp(am ~ wt, binomial, mtcars, trace = "coefficients")
  chart <- convergence_trace(started_by_means)
  expect_true(is.na(chart$data$excess[1]))
  expect_false(anyNA(chart$data$excess[-1]))
  expect_identical(likelihood_surface(started_by_means, size = 3)$paths$iteration[1], started_by_means$trace$iteration[2])
})

test_that("the paths of a surface are the iterates", {
  chart <- do.call(likelihood_surface, c(fits, list(coefficients = c("hp", "wt"), size = 3)))
  for (name in names(fits)) {
    own <- chart$paths[chart$paths$solver == name, ]
    expect_equal(cbind(own$x, own$y), unname(attr(fits[[name]]$trace, "coefficients")[, c("hp", "wt")]))
  }
})

test_that("all axes can be drawn, short and long lines, diverging ones too", {
  diverging <- fit_by(gradient_descent(learning_rate = 50, iterations = 60))
  chart <- do.call(convergence_trace, c(fits, list(diverging = diverging)))
  pdf(NULL)
  on.exit(dev.off())
  before <- par("mar", "mfrow", "las", "cex")
  for (against in c("iteration", "passes", "seconds")) {
    expect_silent(plot(chart, against = against))
    if (requireNamespace("ggplot2", quietly = TRUE)) expect_silent(ggplot2::ggplot_build(ggplot2::autoplot(chart, against = against)))
  }
  expect_silent(plot(fits$slow$trace))
  expect_silent(plot(likelihood_surface(fits$IRLS, fits$slow, size = 5)))
  if (requireNamespace("ggplot2", quietly = TRUE)) {
    expect_silent(ggplot2::ggplot_build(ggplot2::autoplot(likelihood_surface(fits$IRLS, fits$slow, size = 5))))
    expect_s3_class(ggplot2::autoplot(fits$slow$trace), "ggplot")
  }
  expect_identical(par("mar", "mfrow", "las", "cex"), before)
})

test_that("a stretched axis is linear near zero, keeps the order, and labels its ticks rightly", {
  axis <- glmpp:::stretched_axis(c(0, 7, 0, 1000), c("a", "a", "b", "b"))
  expect_equal(axis$place(c(0, 1, 9, 99)), log10(c(1, 2, 10, 100)))
  expect_equal(axis$at, axis$place(as.numeric(gsub(",", "", axis$labels))))
  expect_equal(glmpp:::stretched_axis(0:10, rep("a", 11))$place(3), 3)
})

test_that("what has no trace is refused", {
  expect_error(convergence_trace(), class = "glmpp_error_argument")
  expect_error(convergence_trace(a = glmpp(am ~ wt, binomial, mtcars)), "`a` holds no trace", class = "glmpp_error_argument")
  expect_error(convergence_trace(mtcars), "must be a fit", class = "glmpp_error_argument")
  expect_error(convergence_trace(fits$IRLS, optimum = NA), class = "glmpp_error_argument")
  expect_error(plot(convergence_trace(fits$IRLS), against = "time"), "iteration", class = "glmpp_error_argument")
})

test_that("against the lowest reached, the line that has it is left out", {
  trace <- fits$slow$trace
  chart <- convergence_trace(trace)
  expect_identical(is.na(chart$data$excess), trace$deviance == min(trace$deviance))
  expect_match(chart$title, "lowest reached")
  known <- convergence_trace(fits$slow)
  expect_false(anyNA(known$data$excess))
  expect_match(known$title, "optimum")
  shown <- is.finite(chart$data$excess)
  expect_equal(chart$data$excess[shown], (trace$deviance - min(trace$deviance))[shown])
})

test_that("ggplot2 shows what base does: the heights of the lines, and the points of paths", {
  skip_if_not_installed("ggplot2")
  chart <- convergence_trace(fits$slow)
  heights <- range(glmpp:::convergence_axes(chart, "iteration")$data$height)
  drawing <- ggplot2::autoplot(chart)
  expect_equal(drawing$coordinates$limits$y, heights)
  expect_null(drawing$labels$caption)
  surface <- likelihood_surface(fits$IRLS, fits$slow, size = 5)
  layers <- ggplot2::ggplot_build(ggplot2::autoplot(surface))$data
  marked <- glmpp:::marked_path_points(surface$paths)
  expect_true(any(vapply(layers, function(layer) nrow(layer) == nrow(marked) && isTRUE(all.equal(sort(layer$x), sort(marked$x))), NA)))
})
