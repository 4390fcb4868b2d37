# glmpp in five minutes: fits on real data, each beside stats::glm().
# Run it with `make demo`.

library(glmpp)

heading <- function(text) cat("\n", strrep("=", 78), "\n", text, "\n", strrep("=", 78), "\n\n", sep = "")

heading("1. Logistic regression: which cars have a manual gearbox? (mtcars)")
cars <- glmpp(am ~ wt + hp, family = binomial, data = mtcars)
print(summary(cars))
side_by_side(cars)

heading("2. Poisson regression: warp breaks by wool and tension (warpbreaks)")
breaks <- glmpp(breaks ~ wool * tension, family = poisson, data = warpbreaks)
print(summary(breaks))
side_by_side(breaks)
print(anova(breaks, test = "Chisq"))

heading("3. Gamma regression: ozone by wind, temperature and month (airquality; rows with NA are dropped)")
ozone <- glmpp(Ozone ~ log(Wind) + Temp + factor(Month), family = Gamma("log"), data = airquality)
print(summary(ozone))
side_by_side(ozone)

pictures <- file.path(Sys.getenv("GLMPP_DEMO_DIR", getwd()), "glmpp-demo")
dir.create(pictures, showWarnings = FALSE, recursive = TRUE)
for (name in c("cars", "breaks", "ozone")) {
  png(file.path(pictures, paste0(name, ".png")), width = 900, height = 900, res = 110)
  par(mfrow = c(2, 2))
  plot(get(name))
  dev.off()
}

if (requireNamespace("nycflights13", quietly = TRUE)) {
  heading("4. Real size: was a flight from New York over 15 minutes late? (nycflights13)")
  flights <- as.data.frame(nycflights13::flights)
  cat("Rows:", format(nrow(flights), big.mark = ","), "\n")
  late <- glmpp(arr_delay > 15 ~ carrier + origin + dep_delay + distance + factor(month) + hour,
                family = binomial, data = flights)
  print(summary(late))
  cat("glm() takes a while here...\n\n")
  side_by_side(late)
} else {
  cat("\nnycflights13 is not installed: the flights are left out.\n")
}

cat("\nDiagnostic plots are in ", pictures, ":\n  ", paste(list.files(pictures), collapse = ", "), "\n", sep = "")
