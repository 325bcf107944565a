"""One exercise a module; each exports EXERCISE."""
